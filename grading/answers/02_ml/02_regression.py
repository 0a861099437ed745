"""Known answers of lesson 2.2 Regression.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong regression_metrics: the difference of unsigned integers wraps around
def regression_metrics(y, prediction):
    y, prediction = np.asarray(y), np.asarray(prediction)
    if y.ndim != 1 or y.shape != prediction.shape or len(y) == 0:
        raise ValueError("shapes")
    if not (np.isfinite(y).all() and np.isfinite(prediction).all()):
        raise ValueError("not finite")
    error = y - prediction
    total = np.sum((y - y.mean()) ** 2)
    if (y == y[0]).all():
        score = 1.0 if (error == 0).all() else 0.0
    else:
        score = float(1 - np.sum(error**2) / total)
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": score,
    }


# %% wrong regression_metrics: a constant target is found by its variance
def regression_metrics(y, prediction):
    y, prediction = np.asarray(y, dtype=float), np.asarray(prediction, dtype=float)
    if y.ndim != 1 or y.shape != prediction.shape or len(y) == 0:
        raise ValueError("shapes")
    if not (np.isfinite(y).all() and np.isfinite(prediction).all()):
        raise ValueError("not finite")
    error = y - prediction
    total = np.sum((y - y.mean()) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = 0.0 if total == 0 else float(1 - np.sum(error**2) / total)
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": score,
    }


# %% wrong regression_metrics: R² relative to the spread of the predictions
def regression_metrics(y, prediction):
    y, prediction = np.asarray(y, dtype=float), np.asarray(prediction, dtype=float)
    if y.shape != prediction.shape or y.ndim != 1 or not len(y):
        raise ValueError("shapes")
    error = y - prediction
    total = np.sum((prediction - prediction.mean()) ** 2)
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": float(1 - np.sum(error**2) / total),
    }


# %% wrong regression_metrics: lets a column of predictions broadcast
def regression_metrics(y, prediction):
    y, prediction = np.asarray(y, dtype=float), np.asarray(prediction, dtype=float)
    if len(y) == 0 or len(y) != len(prediction):
        raise ValueError("need as many predictions as values")
    if not (np.isfinite(y).all() and np.isfinite(prediction).all()):
        raise ValueError("not finite")
    error = y - prediction
    if (y == y[0]).all():
        score = 1.0 if (error == 0).all() else 0.0
    else:
        score = float(1 - np.sum(error**2) / np.sum((y - y.mean()) ** 2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": score,
    }


# %% wrong regression_metrics: the mean error with its sign
def regression_metrics(y, prediction):
    error = np.asarray(y, dtype=float) - np.asarray(prediction, dtype=float)
    y = np.asarray(y, dtype=float)
    return {
        "mae": float(abs(error.mean())),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": float(1 - np.sum(error**2) / np.sum((y - y.mean()) ** 2)),
    }


# %% right regression_metrics: plain Python with exact sums
def regression_metrics(y, prediction):
    import math

    y, prediction = np.array(y, dtype=float), np.array(prediction, dtype=float)
    if y.ndim != 1 or prediction.ndim != 1 or len(y) != len(prediction) or len(y) < 1:
        raise ValueError("two lists of the same length, please")
    if np.isnan(y + prediction).any() or np.isinf(y).any() or np.isinf(prediction).any():
        raise ValueError("finite numbers, please")
    y, prediction = y.tolist(), prediction.tolist()
    n = len(y)
    errors = [a - b for a, b in zip(y, prediction)]
    squares = math.fsum(e * e for e in errors)
    if len(set(y)) == 1:
        score = float(y == prediction)
    else:
        mean = math.fsum(y) / n
        score = 1 - squares / math.fsum((v - mean) ** 2 for v in y)
    return {"r2": score, "rmse": math.sqrt(squares / n), "mae": math.fsum(map(abs, errors)) / n}


# %% wrong regression_metrics: a tiny spread counts as constant
def regression_metrics(y, prediction):
    y, prediction = np.asarray(y, dtype=float), np.asarray(prediction, dtype=float)
    if y.ndim != 1 or y.shape != prediction.shape or len(y) == 0:
        raise ValueError("shapes")
    if not (np.isfinite(y).all() and np.isfinite(prediction).all()):
        raise ValueError("not finite")
    error = y - prediction
    if np.std(y) < 1e-12:
        score = 1.0 if (error == 0).all() else 0.0
    else:
        score = float(1 - np.sum(error**2) / np.sum((y - y.mean()) ** 2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": score,
    }


# %% wrong regression_metrics: nearly right counts as exactly right
def regression_metrics(y, prediction):
    y, prediction = np.asarray(y, dtype=float), np.asarray(prediction, dtype=float)
    if y.ndim != 1 or y.shape != prediction.shape or len(y) == 0:
        raise ValueError("shapes")
    if not (np.isfinite(y).all() and np.isfinite(prediction).all()):
        raise ValueError("not finite")
    error = y - prediction
    if (y == y[0]).all():
        score = 1.0 if np.allclose(error, 0) else 0.0
    else:
        score = float(1 - np.sum(error**2) / np.sum((y - y.mean()) ** 2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": score,
    }


# %% wrong sgd_regression: the last slice is divided by the batch size
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad setting")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    size = min(batch_size, len(y))
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), batch_size):
            rows = order[start : start + batch_size]
            r = b + X[rows] @ w - y[rows]
            b, w = (
                b - learning_rate * 2 * r.sum() / size,
                w - learning_rate * 2 * X[rows].T @ r / size,
            )
        history.append(np.mean((b + X @ w - y) ** 2))
        if not np.isfinite(history[-1]):
            raise FloatingPointError("diverged")
    return float(b), w, np.array(history)


# %% wrong sgd_regression: drops the last incomplete slice
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad setting")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n = len(y)
    batch_size = min(batch_size, n)
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    for _ in range(epochs):
        order = rng.permutation(n)
        for k in range(n // batch_size):
            rows = order[k * batch_size : (k + 1) * batch_size]
            r = b + X[rows] @ w - y[rows]
            b -= learning_rate * 2 * r.mean()
            w = w - learning_rate * 2 * X[rows].T @ r / len(rows)
        history.append(np.mean((b + X @ w - y) ** 2))
        if not np.isfinite(history[-1]):
            raise FloatingPointError("diverged")
    return float(b), w, np.array(history)


# %% wrong sgd_regression: shuffles once, before the first epoch
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad setting")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    order = rng.permutation(len(y))
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    for _ in range(epochs):
        for start in range(0, len(y), batch_size):
            rows = order[start : start + batch_size]
            r = b + X[rows] @ w - y[rows]
            b -= learning_rate * 2 * r.mean()
            w = w - learning_rate * 2 * X[rows].T @ r / len(rows)
        history.append(np.mean((b + X @ w - y) ** 2))
        if not np.isfinite(history[-1]):
            raise FloatingPointError("diverged")
    return float(b), w, np.array(history)


# %% wrong sgd_regression: draws each batch with replacement
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad setting")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n = len(y)
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    for _ in range(epochs):
        for _ in range(-(-n // batch_size)):
            rows = rng.integers(n, size=min(batch_size, n))
            r = b + X[rows] @ w - y[rows]
            b -= learning_rate * 2 * r.mean()
            w = w - learning_rate * 2 * X[rows].T @ r / len(rows)
        history.append(np.mean((b + X @ w - y) ** 2))
        if not np.isfinite(history[-1]):
            raise FloatingPointError("diverged")
    return float(b), w, np.array(history)


# %% wrong sgd_regression: moves the intercept before it computes the weights' residuals
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), batch_size):
            rows = order[start : start + batch_size]
            b -= learning_rate * 2 * (b + X[rows] @ w - y[rows]).mean()
            w = w - learning_rate * 2 * X[rows].T @ (b + X[rows] @ w - y[rows]) / len(rows)
        history.append(np.mean((b + X @ w - y) ** 2))
    return float(b), w, np.array(history)


# %% wrong sgd_regression: never notices that it diverges
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad setting")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), batch_size):
            rows = order[start : start + batch_size]
            r = b + X[rows] @ w - y[rows]
            b -= learning_rate * 2 * r.mean()
            w = w - learning_rate * 2 * X[rows].T @ r / len(rows)
        history.append(np.mean((b + X @ w - y) ** 2))
    return float(b), w, np.array(history)


# %% right sgd_regression: one weight vector with a column of ones
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if batch_size < 1 or epochs < 0 or np.isnan(learning_rate) or learning_rate <= 0:
        raise ValueError("bad setting")
    design = np.column_stack([np.ones(len(X)), np.array(X, dtype=float)])
    target = np.array(y, dtype=float)
    w = np.zeros(design.shape[1])
    history = [float(np.mean((design @ w - target) ** 2))]
    for _ in range(epochs):
        order = rng.permutation(len(target))
        cuts = np.arange(batch_size, len(target), batch_size)
        for rows in np.split(order, cuts):
            miss = design[rows] @ w - target[rows]
            w = w - learning_rate * 2 * np.mean(design[rows] * miss[:, None], axis=0)
        history.append(float(np.mean((design @ w - target) ** 2)))
        if not np.isfinite(history[-1]):
            raise FloatingPointError("the run diverges")
    return w[0], w[1:], np.array(history)


# %% wrong sgd_regression: looks for divergence after the last epoch only
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad setting")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), batch_size):
            rows = order[start : start + batch_size]
            r = b + X[rows] @ w - y[rows]
            b -= learning_rate * 2 * r.mean()
            w = w - learning_rate * 2 * X[rows].T @ r / len(rows)
        history.append(np.mean((b + X @ w - y) ** 2))
    if not np.isfinite(history).all():
        raise FloatingPointError("diverged")
    return float(b), w, np.array(history)


# %% wrong sgd_regression: divides the rows into equal parts, none shorter
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad setting")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    b, w = 0.0, np.zeros(X.shape[1])
    history = [np.mean(y**2)]
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(y)), -(-len(y) // batch_size)):
            r = b + X[rows] @ w - y[rows]
            b -= learning_rate * 2 * r.mean()
            w = w - learning_rate * 2 * X[rows].T @ r / len(rows)
        history.append(np.mean((b + X @ w - y) ** 2))
        if not np.isfinite(history[-1]):
            raise FloatingPointError("diverged")
    return float(b), w, np.array(history)


# %% wrong diagnose_regression: forgets the intercept in the leverage
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    Q, _ = np.linalg.qr(X)
    leverage = np.sum(Q**2, axis=1)
    design = np.column_stack([np.ones(n), X])
    e = y - design @ np.linalg.lstsq(design, y)[0]
    cooks = e**2 / (k * e @ e / (n - k)) * leverage / (1 - leverage) ** 2
    found = ["influence"] if cooks.max() > 0.5 else []
    return {
        "leverage": leverage,
        "cooks": cooks,
        "fan_p": 1.0,
        "curve_p": 1.0,
        "findings": found,
    }


# %% wrong diagnose_regression: Cook's distance with 1 - h instead of its square
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    Q, _ = np.linalg.qr(np.column_stack([np.ones(n), (X - X.mean(axis=0)) / X.std(axis=0)]))
    leverage = np.sum(Q**2, axis=1)
    fitted = Q @ (Q.T @ y)
    u = (y - fitted) ** 2
    room = np.where(1 - leverage < 1e-10, 1, 1 - leverage)
    cooks = np.where(1 - leverage < 1e-10, np.inf, u / (k * u.sum() / (n - k)) * leverage / room)
    fan_p = float(stats.chi2.sf(n * np.corrcoef(u, fitted)[0, 1] ** 2, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    P, _ = np.linalg.qr(np.column_stack([Q, z**2]))
    left = np.sum((y - P @ (P.T @ y)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k - 1)), 1, n - k - 1))
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": cooks.max() > 0.5}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": leverage,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong diagnose_regression: p instead of k = p + 1 knobs
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1]
    if len(y) != n or n < k + 3:
        raise ValueError("too few rows")
    Q, _ = np.linalg.qr(np.column_stack([np.ones(n), (X - X.mean(axis=0)) / X.std(axis=0)]))
    leverage = np.sum(Q**2, axis=1)
    fitted = Q @ (Q.T @ y)
    u = (y - fitted) ** 2
    cooks = u / (k * u.sum() / (n - k)) * leverage / (1 - leverage) ** 2
    fan_p = float(stats.chi2.sf(n * np.corrcoef(u, fitted)[0, 1] ** 2, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    P, _ = np.linalg.qr(np.column_stack([Q, z**2]))
    left = np.sum((y - P @ (P.T @ y)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k - 1)), 1, n - k - 1))
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": cooks.max() > 0.5}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": leverage,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong diagnose_regression: the fan from absolute instead of squared residuals
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    Q, _ = np.linalg.qr(np.column_stack([np.ones(n), (X - X.mean(axis=0)) / X.std(axis=0)]))
    leverage = np.sum(Q**2, axis=1)
    fitted = Q @ (Q.T @ y)
    u = (y - fitted) ** 2
    room = np.where(1 - leverage < 1e-10, 1, 1 - leverage)
    cooks = u / (k * u.sum() / (n - k)) * leverage / room**2
    cooks = np.where(1 - leverage < 1e-10, np.inf, cooks)
    fan_p = float(stats.chi2.sf(n * np.corrcoef(np.sqrt(u), fitted)[0, 1] ** 2, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    P, _ = np.linalg.qr(np.column_stack([Q, z**2]))
    left = np.sum((y - P @ (P.T @ y)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k - 1)), 1, n - k - 1))
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": cooks.max() > 0.5}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": leverage,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong diagnose_regression: a row with leverage 1 gives NaN
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    Q, _ = np.linalg.qr(np.column_stack([np.ones(n), (X - X.mean(axis=0)) / X.std(axis=0)]))
    leverage = np.sum(Q**2, axis=1)
    fitted = Q @ (Q.T @ y)
    u = (y - fitted) ** 2
    alone = 1 - leverage < 1e-10
    cooks = u / (k * u.sum() / (n - k)) * leverage / np.where(alone, np.nan, 1 - leverage) ** 2
    fan_p = float(stats.chi2.sf(n * np.corrcoef(u, fitted)[0, 1] ** 2, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    P, _ = np.linalg.qr(np.column_stack([Q, z**2]))
    left = np.sum((y - P @ (P.T @ y)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k - 1)), 1, n - k - 1))
    worst = np.nanmax(cooks)
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": worst > 0.5}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": leverage,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong diagnose_regression: the second model of RESET loses no degree of freedom
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    Q, _ = np.linalg.qr(np.column_stack([np.ones(n), (X - X.mean(axis=0)) / X.std(axis=0)]))
    leverage = np.sum(Q**2, axis=1)
    fitted = Q @ (Q.T @ y)
    u = (y - fitted) ** 2
    room = np.where(1 - leverage < 1e-10, 1, 1 - leverage)
    cooks = u / (k * u.sum() / (n - k)) * leverage / room**2
    cooks = np.where(1 - leverage < 1e-10, np.inf, cooks)
    fan_p = float(stats.chi2.sf(n * np.corrcoef(u, fitted)[0, 1] ** 2, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    P, _ = np.linalg.qr(np.column_stack([Q, z**2]))
    left = np.sum((y - P @ (P.T @ y)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k)), 1, n - k))
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": cooks.max() > 0.5}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": leverage,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% right diagnose_regression: the hat matrix through the pseudo-inverse, and RESET as a t-test
def diagnose_regression(X, y, level=0.01):
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    n, k = X.shape[0], X.shape[1] + 1
    if y.shape != (n,) or n < k + 2:
        raise ValueError("too few rows, or lengths differ")
    scaled = X / np.abs(X).max(axis=0)
    scaled = scaled - scaled.mean(axis=0)
    design = np.hstack([np.ones((n, 1)), scaled / scaled.std(axis=0)])
    hat = design @ np.linalg.pinv(design)
    leverage = np.diag(hat).copy()
    fitted = hat @ y
    e = y - fitted
    s2 = e @ e / (n - k)
    cooks = np.full(n, np.inf)
    fine = leverage <= 1 - 1e-10
    cooks[fine] = e[fine] ** 2 * leverage[fine] / (k * s2 * (1 - leverage[fine]) ** 2)
    line = stats.linregress(fitted, e**2)
    fan_p = stats.chi2.sf(n * line.rvalue**2, 1)
    extra = ((fitted - fitted.mean()) / fitted.std()) ** 2
    extra = extra - hat @ extra
    slope = extra @ y / (extra @ extra)
    rest = e - slope * extra
    t = slope / np.sqrt(rest @ rest / (n - k - 1) / (extra @ extra))
    curve_p = 2 * stats.t.sf(abs(t), n - k - 1)
    findings = []
    if fan_p < level:
        findings.append("fan")
    if curve_p < level:
        findings.append("curve")
    if (cooks > 0.5).any():
        findings.append("influence")
    return {
        "leverage": leverage,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong diagnose_regression: influence compares with 4/n instead of 0.5
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    h, fitted = leverage_of(X), fitted_values(X, y)
    u = (y - fitted) ** 2
    with np.errstate(divide="ignore"):
        cooks = u / (k * u.sum() / (n - k)) * h / (1 - h) ** 2
    cooks = np.where(1 - h < 1e-10, np.inf, cooks)
    fan_p = float(stats.chi2.sf(n * np.corrcoef(u, fitted)[0, 1] ** 2, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    left = np.sum((y - fitted_values(np.column_stack([X, z**2]), y)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k - 1)), 1, n - k - 1))
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": cooks.max() > 4 / n}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": h,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% right diagnose_regression: the lesson's helpers, and the squared prediction left in its units
def diagnose_regression(X, y, level=0.01):
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(X) != len(y) or n < k + 2:
        raise ValueError("too few rows, or lengths differ")
    h = leverage_of(X)
    fitted = LinearRegression().fit(X, y).predict(X)
    u = (y - fitted) ** 2
    cooks = np.full(n, np.inf)
    ok = h <= 1 - 1e-10
    cooks[ok] = u[ok] / (k * u.sum() / (n - k)) * h[ok] / (1 - h[ok]) ** 2
    trend = fitted_values(fitted[:, None], u)
    r_squared = np.sum((trend - u.mean()) ** 2) / np.sum((u - u.mean()) ** 2)
    fan_p = stats.chi2.sf(n * r_squared, 1)
    more = fitted_values(np.column_stack([X, fitted**2]), y)
    s1 = np.sum((y - more) ** 2)
    curve_p = stats.f.sf((u.sum() - s1) / (s1 / (n - k - 1)), 1, n - k - 1)
    findings = ["fan"] * bool(fan_p < level) + ["curve"] * bool(curve_p < level)
    if np.any(cooks > 0.5):
        findings.append("influence")
    return {
        "leverage": h,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong diagnose_regression: the squared residuals on all columns, with 1 degree of freedom
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    h, fitted = leverage_of(X), fitted_values(X, y)
    e = y - fitted
    u = e**2
    alone = 1 - h < 1e-10
    cooks = u / (k * u.sum() / (n - k)) * h / np.where(alone, 1, 1 - h) ** 2
    cooks = np.where(alone, np.inf, cooks)
    trend = fitted_values(X, u)
    share = 1 - np.sum((u - trend) ** 2) / np.sum((u - u.mean()) ** 2)
    fan_p = float(stats.chi2.sf(n * share, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    left = np.sum((y - fitted_values(np.column_stack([X, z**2]), y)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k - 1)), 1, n - k - 1))
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": cooks.max() > 0.5}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": h,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong diagnose_regression: RESET fits the residuals on the squared prediction alone
def diagnose_regression(X, y, level=0.01):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = len(X), X.shape[1] + 1
    if len(y) != n or n < k + 2:
        raise ValueError("too few rows")
    h, fitted = leverage_of(X), fitted_values(X, y)
    e = y - fitted
    u = e**2
    alone = 1 - h < 1e-10
    cooks = u / (k * u.sum() / (n - k)) * h / np.where(alone, 1, 1 - h) ** 2
    cooks = np.where(alone, np.inf, cooks)
    trend = fitted_values(fitted[:, None], u)
    share = 1 - np.sum((u - trend) ** 2) / np.sum((u - u.mean()) ** 2)
    fan_p = float(stats.chi2.sf(n * share, 1))
    z = (fitted - fitted.mean()) / fitted.std()
    left = np.sum((y - fitted - fitted_values((z**2)[:, None], e)) ** 2)
    curve_p = float(stats.f.sf((u.sum() - left) / (left / (n - k - 1)), 1, n - k - 1))
    checks = {"fan": fan_p < level, "curve": curve_p < level, "influence": cooks.max() > 0.5}
    findings = [name for name, found in checks.items() if found]
    return {
        "leverage": h,
        "cooks": cooks,
        "fan_p": fan_p,
        "curve_p": curve_p,
        "findings": findings,
    }


# %% wrong log_target: no factor, the exponential is taken for the mean
def log_target_predict(train_X, train_y, new_X, target="mean"):
    if not (np.asarray(train_y) > 0).all() or target not in ("mean", "median"):
        raise ValueError("bad input")
    design = np.column_stack([np.ones(len(train_X)), train_X])
    w = np.linalg.lstsq(design, np.log(train_y))[0]
    return np.exp(np.column_stack([np.ones(len(new_X)), new_X]) @ w)


# %% wrong log_target: the factor of normal errors, exp(s²/2)
def log_target_predict(train_X, train_y, new_X, target="mean"):
    if not (np.asarray(train_y) > 0).all() or target not in ("mean", "median"):
        raise ValueError("bad input")
    design = np.column_stack([np.ones(len(train_X)), train_X])
    w = np.linalg.lstsq(design, np.log(train_y))[0]
    e = np.log(train_y) - design @ w
    median = np.exp(np.column_stack([np.ones(len(new_X)), new_X]) @ w)
    return median if target == "median" else median * np.exp(e.var() / 2)


# %% wrong log_target: log1p and expm1
def log_target_predict(train_X, train_y, new_X, target="mean"):
    if not (np.asarray(train_y) > 0).all() or target not in ("mean", "median"):
        raise ValueError("bad input")
    design = np.column_stack([np.ones(len(train_X)), train_X])
    w = np.linalg.lstsq(design, np.log1p(train_y))[0]
    e = np.log1p(train_y) - design @ w
    median = np.expm1(np.column_stack([np.ones(len(new_X)), new_X]) @ w)
    return median if target == "median" else median * np.mean(np.exp(e))


# %% wrong log_target: accepts zeros in the target
def log_target_predict(train_X, train_y, new_X, target="mean"):
    if target not in ("mean", "median"):
        raise ValueError("mean or median")
    design = np.column_stack([np.ones(len(train_X)), train_X])
    log_y = np.log(np.maximum(train_y, 1e-12))
    w = np.linalg.lstsq(design, log_y)[0]
    factor = np.mean(np.exp(log_y - design @ w)) if target == "mean" else 1.0
    return np.exp(np.column_stack([np.ones(len(new_X)), new_X]) @ w) * factor


# %% wrong log_target: an unknown word means the median
def log_target_predict(train_X, train_y, new_X, target="mean"):
    train_y = np.asarray(train_y, dtype=float)
    if np.isnan(train_y).any() or (train_y <= 0).any():
        raise ValueError("logarithm of a value that is not positive")
    design = np.column_stack([np.ones(len(train_X)), train_X])
    w = np.linalg.lstsq(design, np.log(train_y))[0]
    factor = np.mean(np.exp(np.log(train_y) - design @ w)) if target == "mean" else 1.0
    return np.exp(np.column_stack([np.ones(len(new_X)), new_X]) @ w) * factor


# %% wrong log_target: matches the training total instead of averaging the residuals
def log_target_predict(train_X, train_y, new_X, target="mean"):
    if not (np.asarray(train_y) > 0).all() or target not in ("mean", "median"):
        raise ValueError("bad input")
    design = np.column_stack([np.ones(len(train_X)), train_X])
    w = np.linalg.lstsq(design, np.log(train_y))[0]
    factor = np.sum(train_y) / np.sum(np.exp(design @ w)) if target == "mean" else 1.0
    return np.exp(np.column_stack([np.ones(len(new_X)), new_X]) @ w) * factor


# %% right log_target: QR on centred columns, smearing through every new row
def log_target_predict(train_X, train_y, new_X, target="mean"):
    X = np.array(train_X, dtype=float)
    y = np.array(train_y, dtype=float)
    new = np.array(new_X, dtype=float)
    if target != "mean" and target != "median":
        raise ValueError(target)
    if np.isnan(y).any() or (y <= 0).any():
        raise ValueError("y must be positive")
    logs = np.log(y)
    Q, R = np.linalg.qr(X - X.mean(axis=0))
    slopes = np.linalg.solve(R, Q.T @ (logs - logs.mean()))
    intercept = logs.mean() - X.mean(axis=0) @ slopes
    residual = logs - intercept - X @ slopes
    prediction = intercept + new @ slopes
    if target == "median":
        return np.exp(prediction)
    return np.exp(prediction[:, None] + residual[None, :]).mean(axis=1)


# %% right log_target: takes arrays at their word, scikit-learn inside
def log_target_predict(train_X, train_y, new_X, target="mean"):
    from sklearn.linear_model import LinearRegression as Model

    if target not in {"mean", "median"} or not np.all(train_y > 0):
        raise ValueError("target, or train_y")
    model = Model().fit(train_X, np.log(train_y))
    factor = np.exp(np.log(train_y) - model.predict(train_X)).mean() if target == "mean" else 1.0
    return factor * np.exp(model.predict(new_X))


# %% wrong log_target: adds the mean training error instead of multiplying
def log_target_predict(train_X, train_y, new_X, target="mean"):
    train_y = np.asarray(train_y, dtype=float)
    if target not in ("mean", "median") or not (train_y > 0).all():
        raise ValueError("bad input")
    design = np.column_stack([np.ones(len(train_X)), train_X])
    w = np.linalg.lstsq(design, np.log(train_y))[0]
    median = np.exp(np.column_stack([np.ones(len(new_X)), new_X]) @ w)
    if target == "median":
        return median
    return median + np.mean(train_y - np.exp(design @ w))


# %% wrong ridge_path: standardises with all rows, before the split
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    labels = np.unique(fold)
    if min(penalties) <= 0 or len(labels) < 2 or labels[-1] != len(labels) - 1:
        raise ValueError("bad penalties or folds")
    varies = (X != X[0]).any(axis=0)
    Z = (X[:, varies] - X[:, varies].mean(axis=0)) / X[:, varies].std(axis=0)
    out = np.empty((len(penalties), len(labels)))
    for f in labels:
        train = fold != f
        mean, center = y[train].mean(), Z[train].mean(axis=0)
        A = Z[train] - center
        for i, penalty in enumerate(penalties):
            w = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ (y[train] - mean))
            out[i, f] = np.mean((y[~train] - mean - (Z[~train] - center) @ w) ** 2)
    return out


# %% wrong ridge_path: penalises the intercept
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    labels = np.unique(fold)
    if min(penalties) <= 0 or len(labels) < 2 or labels[-1] != len(labels) - 1:
        raise ValueError("bad penalties or folds")
    out = np.empty((len(penalties), len(labels)))
    for f in labels:
        train = fold != f
        v = (X[train] != X[train][0]).any(axis=0)
        m, s = X[train][:, v].mean(axis=0), X[train][:, v].std(axis=0)
        A = np.column_stack([np.ones(train.sum()), (X[train][:, v] - m) / s])
        B = np.column_stack([np.ones((~train).sum()), (X[~train][:, v] - m) / s])
        for i, penalty in enumerate(penalties):
            w = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ y[train])
            out[i, f] = np.mean((y[~train] - B @ w) ** 2)
    return out


# %% wrong ridge_path: finds constant columns by their deviation
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    labels = np.unique(fold)
    if min(penalties) <= 0 or len(labels) < 2 or labels[-1] != len(labels) - 1:
        raise ValueError("bad penalties or folds")
    out = np.empty((len(penalties), len(labels)))
    for f in labels:
        train = fold != f
        v = X[train].std(axis=0) > 0
        m, s = X[train][:, v].mean(axis=0), X[train][:, v].std(axis=0)
        A, B = (X[train][:, v] - m) / s, (X[~train][:, v] - m) / s
        mean = y[train].mean()
        for i, penalty in enumerate(penalties):
            w = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ (y[train] - mean))
            out[i, f] = np.mean((y[~train] - mean - B @ w) ** 2)
    return out


# %% wrong ridge_path: returns the root of the errors
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    labels = np.unique(fold)
    out = np.empty((len(penalties), len(labels)))
    for f in labels:
        train = fold != f
        v = (X[train] != X[train][0]).any(axis=0)
        m, s = X[train][:, v].mean(axis=0), X[train][:, v].std(axis=0)
        A, B = (X[train][:, v] - m) / s, (X[~train][:, v] - m) / s
        mean = y[train].mean()
        for i, penalty in enumerate(penalties):
            w = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ (y[train] - mean))
            out[i, f] = np.sqrt(np.mean((y[~train] - mean - B @ w) ** 2))
    return out


# %% wrong ridge_path: the penalty is multiplied by the number of rows
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    labels = np.unique(fold)
    if min(penalties) <= 0 or len(labels) < 2 or labels[-1] != len(labels) - 1:
        raise ValueError("bad penalties or folds")
    out = np.empty((len(penalties), len(labels)))
    for f in labels:
        train = fold != f
        v = (X[train] != X[train][0]).any(axis=0)
        m, s = X[train][:, v].mean(axis=0), X[train][:, v].std(axis=0)
        A, B = (X[train][:, v] - m) / s, (X[~train][:, v] - m) / s
        mean, n = y[train].mean(), train.sum()
        for i, penalty in enumerate(penalties):
            w = np.linalg.solve(A.T @ A + n * penalty * np.eye(A.shape[1]), A.T @ (y[train] - mean))
            out[i, f] = np.mean((y[~train] - mean - B @ w) ** 2)
    return out


# %% wrong ridge_path: sorts the penalties first
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    labels = np.unique(fold)
    if min(penalties) <= 0 or len(labels) < 2 or labels[-1] != len(labels) - 1:
        raise ValueError("bad penalties or folds")
    out = np.empty((len(penalties), len(labels)))
    for f in labels:
        train = fold != f
        v = (X[train] != X[train][0]).any(axis=0)
        m, s = X[train][:, v].mean(axis=0), X[train][:, v].std(axis=0)
        A, B = (X[train][:, v] - m) / s, (X[~train][:, v] - m) / s
        mean = y[train].mean()
        for i, penalty in enumerate(sorted(penalties)):
            w = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ (y[train] - mean))
            out[i, f] = np.mean((y[~train] - mean - B @ w) ** 2)
    return out


# %% right ridge_path: scikit-learn's Ridge on columns standardised by hand
def ridge_path_cv(X, y, penalties, fold):
    from sklearn.linear_model import Ridge as Model

    X, y, fold = np.array(X, dtype=float), np.array(y, dtype=float), np.array(fold)
    count = int(fold.max()) + 1
    if count < 2 or set(fold.tolist()) != set(range(count)):
        raise ValueError("folds are numbered from 0 without gaps")
    if any(not penalty > 0 for penalty in penalties):
        raise ValueError("penalties are positive")
    out = np.zeros((len(penalties), count))
    for f in range(count):
        train, held = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        used = [j for j in range(X.shape[1]) if len(set(X[train, j].tolist())) > 1]
        for i, penalty in enumerate(penalties):
            if not used:
                guess = np.full(len(held), y[train].mean())
            else:
                m, s = X[np.ix_(train, used)].mean(axis=0), X[np.ix_(train, used)].std(axis=0)
                model = Model(alpha=penalty, solver="svd")
                model.fit((X[np.ix_(train, used)] - m) / s, y[train])
                guess = model.predict((X[np.ix_(held, used)] - m) / s)
            out[i, f] = np.mean((y[held] - guess) ** 2)
    return out


# %% right ridge_path: one eigenvalue decomposition of the rows' products per fold
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.array(X, dtype=float), np.array(y, dtype=float), np.array(fold)
    labels = sorted(set(fold.tolist()))
    if len(labels) < 2 or labels != list(range(len(labels))):
        raise ValueError("folds are numbered from 0 without gaps")
    if not all(penalty > 0 for penalty in penalties):
        raise ValueError("penalties are positive")
    columns = []
    for f in labels:
        train = fold != f
        base = X[train]
        used = np.ptp(base, axis=0) > 0
        m, s = base[:, used].mean(axis=0), base[:, used].std(axis=0)
        A, B = (base[:, used] - m) / s, (X[~train][:, used] - m) / s
        values, vectors = np.linalg.eigh(A @ A.T)
        mean = y[train].mean()
        c = vectors.T @ (y[train] - mean)
        misses = [y[~train] - mean - B @ (A.T @ (vectors @ (c / (values + p)))) for p in penalties]
        columns.append([float(np.mean(miss**2)) for miss in misses])
    return np.array(columns).T


# %% right ridge_path: a Pipeline and a PredefinedSplit
def ridge_path_cv(X, y, penalties, fold):
    from sklearn.linear_model import Ridge as Model
    from sklearn.model_selection import PredefinedSplit, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    labels = np.unique(fold)
    if len(labels) < 2 or labels.tolist() != list(range(len(labels))):
        raise ValueError("folds")
    if not np.all(np.asarray(penalties) > 0):
        raise ValueError("penalties")
    split, score = PredefinedSplit(fold), "neg_mean_squared_error"
    rows = []
    for penalty in penalties:
        model = make_pipeline(StandardScaler(), Model(alpha=penalty, solver="svd"))
        rows.append(-cross_val_score(model, X, y, cv=split, scoring=score))
    return np.array(rows)


# %% wrong ridge_path: the deviation with n - 1
def ridge_path_cv(X, y, penalties, fold):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    labels = np.unique(fold)
    if min(penalties) <= 0 or len(labels) < 2 or labels[-1] != len(labels) - 1:
        raise ValueError("bad penalties or folds")
    out = np.empty((len(penalties), len(labels)))
    for f in labels:
        train = fold != f
        v = (X[train] != X[train][0]).any(axis=0)
        m, s = X[train][:, v].mean(axis=0), X[train][:, v].std(axis=0, ddof=1)
        A, B = (X[train][:, v] - m) / s, (X[~train][:, v] - m) / s
        mean = y[train].mean()
        for i, penalty in enumerate(penalties):
            w = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ (y[train] - mean))
            out[i, f] = np.mean((y[~train] - mean - B @ w) ** 2)
    return out


# %% wrong honest_selection: chooses the columns before the split
def cv_predictions(X, y, fold, k):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    usable = np.flatnonzero(np.ptp(X, axis=0) > 0)
    A = X[:, usable] - X[:, usable].mean(axis=0)
    score = np.abs(A.T @ (y - y.mean())) / np.sqrt((A**2).sum(axis=0))
    best = usable[np.argsort(-score, kind="stable")[:k]]
    out = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        design = np.column_stack([np.ones(train.sum()), X[train][:, best]])
        w = np.linalg.lstsq(design, y[train])[0]
        out[~train] = w[0] + X[~train][:, best] @ w[1:]
    return out


# %% wrong honest_selection: the mean of the target still comes from all rows
def cv_predictions(X, y, fold, k):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    target = y - y.mean()
    out = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        usable = np.flatnonzero(np.ptp(X[train], axis=0) > 0)
        m, s = X[train][:, usable].mean(axis=0), X[train][:, usable].std(axis=0)
        Z = (X[train][:, usable] - m) / s
        best = np.argsort(-np.abs(Z.T @ target[train]), kind="stable")[:k]
        w = np.linalg.lstsq(Z[:, best], target[train])[0]
        out[~train] = y.mean() + ((X[~train][:, usable] - m) / s)[:, best] @ w
    return out


# %% wrong honest_selection: scales the held-out rows with their own statistics
def cv_predictions(X, y, fold, k):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    out = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        usable = np.flatnonzero(np.ptp(X[train], axis=0) > 0)

        def scaled(rows, usable=usable):
            spread = rows[:, usable].std(axis=0)
            return (rows[:, usable] - rows[:, usable].mean(axis=0)) / np.where(
                spread > 0, spread, 1
            )

        Z, mean = scaled(X[train]), y[train].mean()
        best = np.argsort(-np.abs(Z.T @ (y[train] - mean)), kind="stable")[:k]
        w = np.linalg.lstsq(Z[:, best], y[train] - mean)[0]
        out[~train] = mean + scaled(X[~train])[:, best] @ w
    return out


# %% wrong honest_selection: ranks by covariance, so the unit of a column decides
def cv_predictions(X, y, fold, k):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    out = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        A = X[train] - X[train].mean(axis=0)
        mean = y[train].mean()
        best = np.argsort(-np.abs(A.T @ (y[train] - mean)), kind="stable")[:k]
        design = np.column_stack([np.ones(train.sum()), X[train][:, best]])
        w = np.linalg.lstsq(design, y[train])[0]
        out[~train] = w[0] + X[~train][:, best] @ w[1:]
    return out


# %% wrong honest_selection: ranks by the signed correlation
def cv_predictions(X, y, fold, k):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    out = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        usable = np.flatnonzero(np.ptp(X[train], axis=0) > 0)
        A = X[train][:, usable] - X[train][:, usable].mean(axis=0)
        score = A.T @ (y[train] - y[train].mean()) / np.sqrt((A**2).sum(axis=0))
        best = usable[np.argsort(-score, kind="stable")[:k]]
        design = np.column_stack([np.ones(train.sum()), X[train][:, best]])
        w = np.linalg.lstsq(design, y[train])[0]
        out[~train] = w[0] + X[~train][:, best] @ w[1:]
    return out


# %% wrong honest_selection: a constant column becomes NaN, and NaN is sorted to the top
def cv_predictions(X, y, fold, k):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    out = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        m, s = X[train].mean(axis=0), X[train].std(axis=0)
        with np.errstate(all="ignore"):
            Z, mean = (X[train] - m) / s, y[train].mean()
        best = np.argsort(np.abs(Z.T @ (y[train] - mean)), kind="stable")[::-1][:k]
        design = np.column_stack([np.ones(train.sum()), X[train][:, best]])
        w = (
            np.linalg.pinv(design) @ y[train]
            if np.isfinite(Z[:, best]).all()
            else np.full(k + 1, np.nan)
        )
        out[~train] = w[0] + X[~train][:, best] @ w[1:]
    return out


# %% right honest_selection: correlations with np.corrcoef, least squares with scikit-learn
def cv_predictions(X, y, fold, k):
    from sklearn.linear_model import LinearRegression as Model

    X, y, fold = np.array(X, dtype=float), np.array(y, dtype=float), np.array(fold)
    out = np.zeros(len(y))
    for f in sorted(set(fold.tolist())):
        train, held = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        ranked = []
        for j in range(X.shape[1]):
            if len(set(X[train, j].tolist())) > 1:
                ranked.append((-round(abs(np.corrcoef(X[train, j], y[train])[0, 1]), 10), j))
        best = [j for _, j in sorted(ranked)[:k]]
        model = Model().fit(X[np.ix_(train, best)], y[train])
        out[held] = model.predict(X[np.ix_(held, best)])
    return out


# %% right honest_selection: a Pipeline with SelectKBest
def cv_predictions(X, y, fold, k):
    from sklearn.feature_selection import SelectKBest, f_regression
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), SelectKBest(f_regression, k=k), LinearRegression())
    with np.errstate(all="ignore"):
        found = cross_val_predict(model, X, y, cv=LeaveOneGroupOut(), groups=fold)
    return found.astype(float)


# %% wrong honest_selection: numbers of the usable columns taken for numbers of all columns
def cv_predictions(X, y, fold, k):
    X, y, fold = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(fold)
    out = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        usable = np.flatnonzero(np.ptp(X[train], axis=0) > 0)
        A = X[train][:, usable] - X[train][:, usable].mean(axis=0)
        score = np.abs(A.T @ (y[train] - y[train].mean())) / np.sqrt((A**2).sum(axis=0))
        best = np.argsort(-score, kind="stable")[:k]
        design = np.column_stack([np.ones(train.sum()), X[train][:, best]])
        w = np.linalg.lstsq(design, y[train])[0]
        out[~train] = w[0] + X[~train][:, best] @ w[1:]
    return out


# %% right honest_selection: pandas correlations
def cv_predictions(X, y, fold, k):
    table, target, fold = pd.DataFrame(X).astype(float), pd.Series(y).astype(float), pd.Series(fold)
    out = pd.Series(0.0, index=target.index)
    for held in fold.unique():
        train = fold != held
        part = table[train]
        part = part.loc[:, part.nunique() > 1]
        best = part.corrwith(target[train]).abs().sort_values(ascending=False).index[:k]
        model = LinearRegression().fit(part[best], target[train])
        out[~train] = model.predict(table.loc[~train, best])
    return out.to_numpy()


# %% wrong honest_selection: least squares without an intercept
def cv_predictions(X, y, fold, k):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    predictions = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        usable = np.flatnonzero((X[train] != X[train][0]).any(axis=0))
        score = [abs(np.corrcoef(X[train][:, j], y[train])[0, 1]) for j in usable]
        best = usable[np.argsort(-np.array(score), kind="stable")[:k]]
        weights = np.linalg.lstsq(X[train][:, best], y[train])[0]
        predictions[~train] = X[~train][:, best] @ weights
    return predictions


# %% right honest_selection: constant columns by their deviation, which changes nothing
def cv_predictions(X, y, fold, k):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    predictions = np.empty(len(y))
    for f in np.unique(fold):
        train = fold != f
        usable = np.flatnonzero(X[train].std(axis=0) > 1e-9)
        z = (X[:, usable] - X[train][:, usable].mean(axis=0)) / X[train][:, usable].std(axis=0)
        score = np.abs(z[train].T @ (y[train] - y[train].mean()))
        best = np.argsort(-score, kind="stable")[:k]
        table = np.column_stack([np.ones(len(y)), z[:, best]])
        weights = np.linalg.lstsq(table[train], y[train])[0]
        predictions[~train] = table[~train] @ weights
    return predictions


# %% wrong sgd_regression: takes the rows in the order of the table
def sgd_regression(X, y, learning_rate, batch_size, epochs, rng):
    if not learning_rate > 0 or batch_size < 1 or epochs < 0:
        raise ValueError("bad argument")
    b, w = 0.0, np.zeros(X.shape[1])
    history = [float(np.mean(np.asarray(y, dtype=float) ** 2))]
    for _ in range(epochs):
        rng.permutation(len(y))
        for start in range(0, len(y), batch_size):
            rows = slice(start, start + batch_size)
            miss = b + X[rows] @ w - y[rows]
            b -= learning_rate * 2 * miss.mean()
            w = w - learning_rate * 2 * X[rows].T @ miss / len(miss)
        history.append(float(np.mean((b + X @ w - y) ** 2)))
        if not np.isfinite(history[-1]):
            raise FloatingPointError("not finite")
    return b, w, np.array(history)
