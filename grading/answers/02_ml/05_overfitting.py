"""Known answers of lesson 2.5 Overfitting.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong bias_variance: draws new noise for each design
def bias_variance(designs, truth, noise_sd, repeats, rng):
    truth = np.asarray(truth, dtype=float)
    if repeats < 2 or any(len(X) != len(truth) for X in designs):
        raise ValueError("repeats or rows")
    out = {"bias2": [], "variance": [], "error": [], "error_se": []}
    for X in designs:
        noise = rng.normal(0, noise_sd, size=(repeats, 2, len(truth)))
        P = (X @ np.linalg.lstsq(X, (truth + noise[:, 0]).T)[0]).T
        each = ((truth + noise[:, 1] - P) ** 2).mean(axis=1)
        out["bias2"].append(((P.mean(axis=0) - truth) ** 2).mean())
        out["variance"].append(P.var(axis=0).mean())
        out["error"].append(each.mean())
        out["error_se"].append(each.std(ddof=1) / np.sqrt(repeats))
    return {k: np.array(v) for k, v in out.items()}


# %% wrong bias_variance: measures the error on the training targets
def bias_variance(designs, truth, noise_sd, repeats, rng):
    truth = np.asarray(truth, dtype=float)
    if repeats < 2 or any(len(X) != len(truth) for X in designs):
        raise ValueError("repeats or rows")
    noise = rng.normal(0, noise_sd, size=(repeats, 2, len(truth)))
    train = truth + noise[:, 0]
    out = {"bias2": [], "variance": [], "error": [], "error_se": []}
    for X in designs:
        P = (X @ np.linalg.lstsq(X, train.T)[0]).T
        each = ((train - P) ** 2).mean(axis=1)
        out["bias2"].append(((P.mean(axis=0) - truth) ** 2).mean())
        out["variance"].append(P.var(axis=0).mean())
        out["error"].append(each.mean())
        out["error_se"].append(each.std(ddof=1) / np.sqrt(repeats))
    return {k: np.array(v) for k, v in out.items()}


# %% wrong bias_variance: squares before it averages over the repeats
def bias_variance(designs, truth, noise_sd, repeats, rng):
    truth = np.asarray(truth, dtype=float)
    if repeats < 2 or any(len(X) != len(truth) for X in designs):
        raise ValueError("repeats or rows")
    noise = rng.normal(0, noise_sd, size=(repeats, 2, len(truth)))
    train, new = truth + noise[:, 0], truth + noise[:, 1]
    out = {"bias2": [], "variance": [], "error": [], "error_se": []}
    for X in designs:
        P = (X @ np.linalg.lstsq(X, train.T)[0]).T
        each = ((new - P) ** 2).mean(axis=1)
        out["bias2"].append(((P - truth) ** 2).mean())
        out["variance"].append(P.var(axis=0).mean())
        out["error"].append(each.mean())
        out["error_se"].append(each.std(ddof=1) / np.sqrt(repeats))
    return {k: np.array(v) for k, v in out.items()}


# %% wrong bias_variance: takes the variance over the points
def bias_variance(designs, truth, noise_sd, repeats, rng):
    truth = np.asarray(truth, dtype=float)
    if repeats < 2 or any(len(X) != len(truth) for X in designs):
        raise ValueError("repeats or rows")
    noise = rng.normal(0, noise_sd, size=(repeats, 2, len(truth)))
    train, new = truth + noise[:, 0], truth + noise[:, 1]
    out = {"bias2": [], "variance": [], "error": [], "error_se": []}
    for X in designs:
        P = (X @ np.linalg.lstsq(X, train.T)[0]).T
        each = ((new - P) ** 2).mean(axis=1)
        out["bias2"].append(((P.mean(axis=0) - truth) ** 2).mean())
        out["variance"].append(P.var(axis=1).mean())
        out["error"].append(each.mean())
        out["error_se"].append(each.std(ddof=1) / np.sqrt(repeats))
    return {k: np.array(v) for k, v in out.items()}


# %% wrong bias_variance: the standard error forgets the root of repeats
def bias_variance(designs, truth, noise_sd, repeats, rng):
    truth = np.asarray(truth, dtype=float)
    if repeats < 2 or any(len(X) != len(truth) for X in designs):
        raise ValueError("repeats or rows")
    noise = rng.normal(0, noise_sd, size=(repeats, 2, len(truth)))
    train, new = truth + noise[:, 0], truth + noise[:, 1]
    rows = []
    for X in designs:
        P = (X @ np.linalg.lstsq(X, train.T)[0]).T
        each = ((new - P) ** 2).mean(axis=1)
        rows.append(
            (
                ((P.mean(axis=0) - truth) ** 2).mean(),
                P.var(axis=0).mean(),
                each.mean(),
                each.std(ddof=1),
            )
        )
    names = ("bias2", "variance", "error", "error_se")
    return dict(zip(names, np.array(rows).T, strict=True))


# %% right bias_variance: hat matrices and a loop over repeats
def bias_variance(designs, truth, noise_sd, repeats, rng):
    n = len(truth)
    if repeats < 2:
        raise ValueError("at least two repeats")
    for X in designs:
        if X.shape[0] != n:
            raise ValueError("rows of a design")
    noise = rng.normal(0, noise_sd, size=(repeats, 2, n))
    result = {k: np.zeros(len(designs)) for k in ("bias2", "variance", "error", "error_se")}
    for j, X in enumerate(designs):
        Q = np.linalg.qr(X)[0]
        guesses, each = [], []
        for r in range(repeats):
            guess = Q @ (Q.T @ (truth + noise[r, 0]))
            guesses.append(guess)
            each.append(float(np.mean((truth + noise[r, 1] - guess) ** 2)))
        middle = sum(guesses) / repeats
        result["bias2"][j] = np.mean((middle - truth) ** 2)
        result["variance"][j] = np.mean(sum((g - middle) ** 2 for g in guesses) / repeats)
        result["error"][j] = np.mean(each)
        result["error_se"][j] = np.sqrt(np.var(each, ddof=1) / repeats)
    return result


# %% wrong learning_curve_days: counts rows instead of days
def learning_curve_days(X, y, day, order, sizes, valid, penalty):
    if np.intersect1d(order, valid).size or any(s < 1 or s > len(order) for s in sizes):
        raise ValueError("sizes or days")
    held, table = np.isin(day, valid), []
    ordered = np.concatenate([np.flatnonzero(day == d) for d in order])
    for s in sizes:
        rows = ordered[:s]
        fit = ridge_predict(X[rows], y[rows], X[rows], penalty)
        guess = ridge_predict(X[rows], y[rows], X[held], penalty)
        table.append([np.mean((y[rows] - fit) ** 2), np.mean((y[held] - guess) ** 2)])
    return np.array(table)


# %% wrong learning_curve_days: the validation set shrinks with the training set
def learning_curve_days(X, y, day, order, sizes, valid, penalty):
    if np.intersect1d(order, valid).size or any(s < 1 or s > len(order) for s in sizes):
        raise ValueError("sizes or days")
    table = []
    for s in sizes:
        rows, held = np.isin(day, order[:s]), np.isin(day, valid[:s])
        fit = ridge_predict(X[rows], y[rows], X[rows], penalty)
        guess = ridge_predict(X[rows], y[rows], X[held], penalty)
        table.append([np.mean((y[rows] - fit) ** 2), np.mean((y[held] - guess) ** 2)])
    return np.array(table)


# %% wrong learning_curve_days: takes the smallest day numbers first
def learning_curve_days(X, y, day, order, sizes, valid, penalty):
    if np.intersect1d(order, valid).size or any(s < 1 or s > len(order) for s in sizes):
        raise ValueError("sizes or days")
    held, table, days = np.isin(day, valid), [], np.sort(order)
    for s in sizes:
        rows = np.isin(day, days[:s])
        fit = ridge_predict(X[rows], y[rows], X[rows], penalty)
        guess = ridge_predict(X[rows], y[rows], X[held], penalty)
        table.append([np.mean((y[rows] - fit) ** 2), np.mean((y[held] - guess) ** 2)])
    return np.array(table)


# %% wrong learning_curve_days: training error over all training days
def learning_curve_days(X, y, day, order, sizes, valid, penalty):
    if np.intersect1d(order, valid).size or any(s < 1 or s > len(order) for s in sizes):
        raise ValueError("sizes or days")
    held, known, table = np.isin(day, valid), np.isin(day, order), []
    for s in sizes:
        rows = np.isin(day, order[:s])
        fit = ridge_predict(X[rows], y[rows], X[known], penalty)
        guess = ridge_predict(X[rows], y[rows], X[held], penalty)
        table.append([np.mean((y[known] - fit) ** 2), np.mean((y[held] - guess) ** 2)])
    return np.array(table)


# %% wrong learning_curve_days: does not check the sizes
def learning_curve_days(X, y, day, order, sizes, valid, penalty):
    if np.intersect1d(order, valid).size:
        raise ValueError("days")
    held, table = np.isin(day, valid), []
    for s in sizes:
        rows = np.isin(day, order[:s])
        fit = ridge_predict(X[rows], y[rows], X[rows], penalty)
        guess = ridge_predict(X[rows], y[rows], X[held], penalty)
        table.append([np.mean((y[rows] - fit) ** 2), np.mean((y[held] - guess) ** 2)])
    return np.array(table)


# %% wrong learning_curve_days: the scaler is fitted on all rows
def learning_curve_days(X, y, day, order, sizes, valid, penalty):
    if np.intersect1d(order, valid).size or any(s < 1 or s > len(order) for s in sizes):
        raise ValueError("sizes or days")
    scale = np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
    Z = (X - X.mean(axis=0)) / scale
    held, table = np.isin(day, valid), []
    for s in sizes:
        rows = np.isin(day, order[:s])
        A, b = Z[rows] - Z[rows].mean(axis=0), y[rows] - y[rows].mean()
        w = np.linalg.solve(A.T @ A + penalty * np.eye(X.shape[1]), A.T @ b)
        guess = y[rows].mean() + (Z[held] - Z[rows].mean(axis=0)) @ w
        table.append([np.mean((b - A @ w) ** 2), np.mean((y[held] - guess) ** 2)])
    return np.array(table)


# %% right learning_curve_days: scikit-learn's pipeline and sets
def learning_curve_days(X, y, day, order, sizes, valid, penalty):
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    order, sizes = [int(d) for d in order], [int(s) for s in sizes]
    valid = {int(d) for d in valid}
    if valid & set(order):
        raise ValueError("overlap")
    if sizes and (min(sizes) < 1 or max(sizes) > len(order)):
        raise ValueError("size out of range")
    held = np.array([int(d) in valid for d in day])
    result = np.zeros((len(sizes), 2))
    for i, s in enumerate(sizes):
        now = set(order[:s])
        rows = np.array([int(d) in now for d in day])
        model = make_pipeline(StandardScaler(), Ridge(alpha=penalty)).fit(X[rows], y[rows])
        result[i] = [np.mean((y[r] - model.predict(X[r])) ** 2) for r in (rows, held)]
    return result


# %% wrong day_cv: still deals out hours
def day_cv(X, y, day, penalty, n_folds, rng):
    if not 2 <= n_folds <= len(np.unique(day)):
        raise ValueError("n_folds")
    fold = rng.permutation(np.arange(len(y)) % n_folds)
    errors = []
    for f in range(n_folds):
        guess = ridge_predict(X[fold != f], y[fold != f], X[fold == f], penalty)
        errors.append(np.mean((y[fold == f] - guess) ** 2))
    return np.array(errors)


# %% wrong day_cv: whole days, but the scaler still sees all rows
def day_cv(X, y, day, penalty, n_folds, rng):
    days = np.unique(day)
    if not 2 <= n_folds <= len(days):
        raise ValueError("n_folds")
    order, errors = rng.permutation(days), []
    scale = np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
    Z = (X - X.mean(axis=0)) / scale
    for f in range(n_folds):
        held = np.isin(day, order[f::n_folds])
        middle = Z[~held].mean(axis=0)
        A, b = Z[~held] - middle, y[~held] - y[~held].mean()
        w = np.linalg.solve(A.T @ A + penalty * np.eye(X.shape[1]), A.T @ b)
        errors.append(np.mean((y[held] - y[~held].mean() - (Z[held] - middle) @ w) ** 2))
    return np.array(errors)


# %% wrong day_cv: centres the targets with all rows
def day_cv(X, y, day, penalty, n_folds, rng):
    days = np.unique(day)
    if not 2 <= n_folds <= len(days):
        raise ValueError("n_folds")
    order, errors, centre = rng.permutation(days), [], y.mean()
    for f in range(n_folds):
        held = np.isin(day, order[f::n_folds])
        slope_part = ridge_predict(X[~held], y[~held], X[held], penalty) - y[~held].mean()
        errors.append(np.mean((y[held] - centre - slope_part) ** 2))
    return np.array(errors)


# %% wrong day_cv: consecutive chunks of the permutation instead of dealing out
def day_cv(X, y, day, penalty, n_folds, rng):
    days = np.unique(day)
    if not 2 <= n_folds <= len(days):
        raise ValueError("n_folds")
    errors = []
    for part in np.array_split(rng.permutation(days), n_folds):
        held = np.isin(day, part)
        guess = ridge_predict(X[~held], y[~held], X[held], penalty)
        errors.append(np.mean((y[held] - guess) ** 2))
    return np.array(errors)


# %% wrong day_cv: averages days instead of rows
def day_cv(X, y, day, penalty, n_folds, rng):
    days = np.unique(day)
    if not 2 <= n_folds <= len(days):
        raise ValueError("n_folds")
    order, errors = rng.permutation(days), []
    for f in range(n_folds):
        held = np.isin(day, order[f::n_folds])
        wrong = (y[held] - ridge_predict(X[~held], y[~held], X[held], penalty)) ** 2
        errors.append(np.mean([wrong[day[held] == d].mean() for d in order[f::n_folds]]))
    return np.array(errors)


# %% wrong day_cv: accepts more folds than days
def day_cv(X, y, day, penalty, n_folds, rng):
    if n_folds < 2:
        raise ValueError("n_folds")
    order, errors = rng.permutation(np.unique(day)), []
    for f in range(n_folds):
        held = np.isin(day, order[f::n_folds])
        guess = ridge_predict(X[~held], y[~held], X[held], penalty)
        errors.append(np.mean((y[held] - guess) ** 2))
    return np.array(errors)


# %% right day_cv: a dictionary of folds and scikit-learn's cross_val_score
def day_cv(X, y, day, penalty, n_folds, rng):
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import PredefinedSplit, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    order = rng.permutation(np.unique(day))
    if n_folds < 2 or n_folds > len(order):
        raise ValueError("n_folds")
    fold_of = {int(d): i % n_folds for i, d in enumerate(order)}
    split = PredefinedSplit([fold_of[int(d)] for d in day])
    model = make_pipeline(StandardScaler(), Ridge(alpha=penalty))
    return -cross_val_score(model, X, y, cv=split, scoring="neg_mean_squared_error")


# %% wrong one_standard_error: the standard deviation is not divided by the root of K
def one_standard_error(errors, complexity):
    errors, complexity = np.asarray(errors, dtype=float), np.asarray(complexity)
    if errors.ndim != 2 or complexity.shape != errors.shape[:1] or errors.shape[1] < 2:
        raise ValueError("shapes")
    if not np.isfinite(errors).all() or len(np.unique(complexity)) != len(complexity):
        raise ValueError("values")
    mean, se = errors.mean(axis=1), errors.std(axis=1, ddof=1)
    best = int(np.lexsort((complexity, mean))[0])
    good = np.flatnonzero(mean <= mean[best] + se[best])
    return {"best": best, "chosen": int(good[np.argmin(complexity[good])]), "mean": mean, "se": se}


# %% wrong one_standard_error: adds each setting's own standard error
def one_standard_error(errors, complexity):
    errors, complexity = np.asarray(errors, dtype=float), np.asarray(complexity)
    if errors.ndim != 2 or complexity.shape != errors.shape[:1] or errors.shape[1] < 2:
        raise ValueError("shapes")
    if not np.isfinite(errors).all() or len(np.unique(complexity)) != len(complexity):
        raise ValueError("values")
    mean = errors.mean(axis=1)
    se = errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    best = int(np.lexsort((complexity, mean))[0])
    good = np.flatnonzero(mean - se <= mean[best])
    return {"best": best, "chosen": int(good[np.argmin(complexity[good])]), "mean": mean, "se": se}


# %% wrong one_standard_error: takes the first good row as the simplest
def one_standard_error(errors, complexity):
    errors, complexity = np.asarray(errors, dtype=float), np.asarray(complexity)
    if errors.ndim != 2 or complexity.shape != errors.shape[:1] or errors.shape[1] < 2:
        raise ValueError("shapes")
    if not np.isfinite(errors).all() or len(np.unique(complexity)) != len(complexity):
        raise ValueError("values")
    mean = errors.mean(axis=1)
    se = errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    best = int(np.lexsort((complexity, mean))[0])
    chosen = int(np.flatnonzero(mean <= mean[best] + se[best])[0])
    return {"best": best, "chosen": chosen, "mean": mean, "se": se}


# %% wrong one_standard_error: walks to simpler neighbours and stops at the first gap
def one_standard_error(errors, complexity):
    errors, complexity = np.asarray(errors, dtype=float), np.asarray(complexity)
    if errors.ndim != 2 or complexity.shape != errors.shape[:1] or errors.shape[1] < 2:
        raise ValueError("shapes")
    if not np.isfinite(errors).all() or len(np.unique(complexity)) != len(complexity):
        raise ValueError("values")
    mean = errors.mean(axis=1)
    se = errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    best = int(np.lexsort((complexity, mean))[0])
    order = np.argsort(complexity).tolist()
    at = order.index(best)
    while at > 0 and mean[order[at - 1]] <= mean[best] + se[best]:
        at -= 1
    return {"best": best, "chosen": order[at], "mean": mean, "se": se}


# %% wrong one_standard_error: the first of equal means, whatever its complexity
def one_standard_error(errors, complexity):
    errors, complexity = np.asarray(errors, dtype=float), np.asarray(complexity)
    if errors.ndim != 2 or complexity.shape != errors.shape[:1] or errors.shape[1] < 2:
        raise ValueError("shapes")
    if not np.isfinite(errors).all() or len(np.unique(complexity)) != len(complexity):
        raise ValueError("values")
    mean = errors.mean(axis=1)
    se = errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    best = int(np.argmin(mean))
    good = np.flatnonzero(mean <= mean[best] + se[best])
    return {"best": best, "chosen": int(good[np.argmin(complexity[good])]), "mean": mean, "se": se}


# %% wrong one_standard_error: lets a NaN through
def one_standard_error(errors, complexity):
    errors, complexity = np.asarray(errors, dtype=float), np.asarray(complexity)
    if errors.ndim != 2 or complexity.shape != errors.shape[:1] or errors.shape[1] < 2:
        raise ValueError("shapes")
    if len(np.unique(complexity)) != len(complexity):
        raise ValueError("values")
    mean = errors.mean(axis=1)
    se = errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    best = int(np.lexsort((complexity, mean))[0])
    good = np.flatnonzero(mean <= mean[best] + se[best])
    if not len(good):
        return {"best": best, "chosen": best, "mean": mean, "se": se}
    return {"best": best, "chosen": int(good[np.argmin(complexity[good])]), "mean": mean, "se": se}


# %% right one_standard_error: sorts by complexity first
def one_standard_error(errors, complexity):
    errors = np.array(errors, dtype=float)
    complexity = list(np.asarray(complexity).ravel())
    if errors.ndim != 2 or len(complexity) != len(errors) or errors.shape[1] < 2:
        raise ValueError("shapes do not fit")
    if np.isnan(errors).any() or np.isinf(errors).any():
        raise ValueError("not finite")
    if len(set(complexity)) < len(complexity):
        raise ValueError("equal complexities")
    folds = errors.shape[1]
    mean = errors.sum(axis=1) / folds
    se = np.sqrt(((errors - mean[:, None]) ** 2).sum(axis=1) / (folds - 1) / folds)
    simple_first = sorted(range(len(mean)), key=lambda j: complexity[j])
    best = min(simple_first, key=lambda j: mean[j])
    chosen = next(j for j in simple_first if mean[j] <= mean[best] + se[best])
    return {"best": best, "chosen": chosen, "mean": mean, "se": se}


# %% wrong ridge_df: singular values are not squared
def ridge_df(X, penalties):
    X, penalties = np.asarray(X, dtype=float), np.asarray(penalties, dtype=float)
    if not (penalties > 0).all():
        raise ValueError("penalties")
    X = X[:, np.ptp(X, axis=0) > 0]
    d = np.linalg.svd((X - X.mean(axis=0)) / X.std(axis=0), compute_uv=False)
    return 1 + (d / (d + penalties[:, None])).sum(axis=1)


# %% wrong ridge_df: forgets the intercept
def ridge_df(X, penalties):
    X, penalties = np.asarray(X, dtype=float), np.asarray(penalties, dtype=float)
    if not (penalties > 0).all():
        raise ValueError("penalties")
    X = X[:, np.ptp(X, axis=0) > 0]
    d2 = np.linalg.svd((X - X.mean(axis=0)) / X.std(axis=0), compute_uv=False) ** 2
    return (d2 / (d2 + penalties[:, None])).sum(axis=1)


# %% wrong ridge_df: divides a constant column by zero
def ridge_df(X, penalties):
    X, penalties = np.asarray(X, dtype=float), np.asarray(penalties, dtype=float)
    if not (penalties > 0).all():
        raise ValueError("penalties")
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    d2 = np.abs(np.linalg.eigvalsh(Z.T @ Z))
    return 1 + (d2 / (d2 + penalties[:, None])).sum(axis=1)


# %% wrong ridge_df: divides the squares by n, as for another scaling of the penalty
def ridge_df(X, penalties):
    X, penalties = np.asarray(X, dtype=float), np.asarray(penalties, dtype=float)
    if not (penalties > 0).all():
        raise ValueError("penalties")
    X = X[:, np.ptp(X, axis=0) > 0]
    d2 = np.linalg.svd((X - X.mean(axis=0)) / X.std(axis=0), compute_uv=False) ** 2 / len(X)
    return 1 + (d2 / (d2 + penalties[:, None])).sum(axis=1)


# %% wrong ridge_df: sample standard deviation
def ridge_df(X, penalties):
    X, penalties = np.asarray(X, dtype=float), np.asarray(penalties, dtype=float)
    if not (penalties > 0).all():
        raise ValueError("penalties")
    X = X[:, np.ptp(X, axis=0) > 0]
    d2 = np.linalg.svd((X - X.mean(axis=0)) / X.std(axis=0, ddof=1), compute_uv=False) ** 2
    return 1 + (d2 / (d2 + penalties[:, None])).sum(axis=1)


# %% wrong ridge_df: a penalty of NaN passes the check
def ridge_df(X, penalties):
    X, penalties = np.asarray(X, dtype=float), np.asarray(penalties, dtype=float)
    if (penalties <= 0).any():
        raise ValueError("penalties")
    X = X[:, np.ptp(X, axis=0) > 0]
    d2 = np.linalg.svd((X - X.mean(axis=0)) / X.std(axis=0), compute_uv=False) ** 2
    return 1 + (d2 / (d2 + penalties[:, None])).sum(axis=1)


# %% right ridge_df: trace of the hat matrix
def ridge_df(X, penalties):
    X = np.array(X, dtype=float)
    if any(not q > 0 for q in penalties):
        raise ValueError("penalties must be positive")
    keep = [j for j in range(X.shape[1]) if X[:, j].min() < X[:, j].max()]
    Z = X[:, keep] - X[:, keep].mean(axis=0)
    Z /= np.sqrt((Z**2).mean(axis=0))
    kernel = Z @ Z.T
    eye = np.eye(len(X))
    return np.array([1 + np.trace(np.linalg.solve(kernel + q * eye, kernel)) for q in penalties])


# %% wrong early_stopping: later steps change the best weights in place
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not (learning_rate > 0 and patience >= 1 and max_steps >= 0):
        raise ValueError("settings")
    w = np.zeros(X.shape[1])
    best, best_step = w, 0
    train, val = [np.mean(y**2)], [np.mean(y_val**2)]
    for step in range(1, max_steps + 1):
        w += learning_rate / len(y) * (X.T @ (y - X @ w))
        train.append(np.mean((y - X @ w) ** 2))
        val.append(np.mean((y_val - X_val @ w) ** 2))
        if val[-1] < val[best_step] - min_delta:
            best, best_step = w, step
        elif step - best_step >= patience:
            break
    return {
        "weights": best,
        "best_step": best_step,
        "steps": len(val) - 1,
        "train": np.array(train),
        "val": np.array(val),
    }


# %% wrong early_stopping: returns the last weights
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not (learning_rate > 0 and patience >= 1 and max_steps >= 0):
        raise ValueError("settings")
    w, best_step = np.zeros(X.shape[1]), 0
    train, val = [np.mean(y**2)], [np.mean(y_val**2)]
    for step in range(1, max_steps + 1):
        w = w + learning_rate / len(y) * (X.T @ (y - X @ w))
        train.append(np.mean((y - X @ w) ** 2))
        val.append(np.mean((y_val - X_val @ w) ** 2))
        if val[-1] < val[best_step] - min_delta:
            best_step = step
        elif step - best_step >= patience:
            break
    return {
        "weights": w,
        "best_step": best_step,
        "steps": len(val) - 1,
        "train": np.array(train),
        "val": np.array(val),
    }


# %% wrong early_stopping: counts bad steps in all, never back to zero
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not (learning_rate > 0 and patience >= 1 and max_steps >= 0):
        raise ValueError("settings")
    w, bad = np.zeros(X.shape[1]), 0
    best, best_step = w, 0
    train, val = [np.mean(y**2)], [np.mean(y_val**2)]
    for step in range(1, max_steps + 1):
        w = w + learning_rate / len(y) * (X.T @ (y - X @ w))
        train.append(np.mean((y - X @ w) ** 2))
        val.append(np.mean((y_val - X_val @ w) ** 2))
        if val[-1] < val[best_step] - min_delta:
            best, best_step = w, step
        else:
            bad += 1
            if bad >= patience:
                break
    return {
        "weights": best,
        "best_step": best_step,
        "steps": len(val) - 1,
        "train": np.array(train),
        "val": np.array(val),
    }


# %% wrong early_stopping: compares with the step before instead of the best
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not (learning_rate > 0 and patience >= 1 and max_steps >= 0):
        raise ValueError("settings")
    w = np.zeros(X.shape[1])
    best, best_step = w, 0
    train, val = [np.mean(y**2)], [np.mean(y_val**2)]
    for step in range(1, max_steps + 1):
        w = w + learning_rate / len(y) * (X.T @ (y - X @ w))
        train.append(np.mean((y - X @ w) ** 2))
        val.append(np.mean((y_val - X_val @ w) ** 2))
        if val[-1] < val[-2] - min_delta:
            best, best_step = w, step
        elif step - best_step >= patience:
            break
    return {
        "weights": best,
        "best_step": best_step,
        "steps": len(val) - 1,
        "train": np.array(train),
        "val": np.array(val),
    }


# %% wrong early_stopping: watches the training error
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not (learning_rate > 0 and patience >= 1 and max_steps >= 0):
        raise ValueError("settings")
    w = np.zeros(X.shape[1])
    best, best_step = w, 0
    train, val = [np.mean(y**2)], [np.mean(y_val**2)]
    for step in range(1, max_steps + 1):
        w = w + learning_rate / len(y) * (X.T @ (y - X @ w))
        train.append(np.mean((y - X @ w) ** 2))
        val.append(np.mean((y_val - X_val @ w) ** 2))
        if train[-1] < train[best_step] - min_delta:
            best, best_step = w, step
        elif step - best_step >= patience:
            break
    return {
        "weights": best,
        "best_step": best_step,
        "steps": len(val) - 1,
        "train": np.array(train),
        "val": np.array(val),
    }


# %% wrong early_stopping: gives up one step too late
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not (learning_rate > 0 and patience >= 1 and max_steps >= 0):
        raise ValueError("settings")
    w = np.zeros(X.shape[1])
    best, best_step = w, 0
    train, val = [np.mean(y**2)], [np.mean(y_val**2)]
    for step in range(1, max_steps + 1):
        w = w + learning_rate / len(y) * (X.T @ (y - X @ w))
        train.append(np.mean((y - X @ w) ** 2))
        val.append(np.mean((y_val - X_val @ w) ** 2))
        if val[-1] < val[best_step] - min_delta:
            best, best_step = w, step
        elif step - best_step > patience:
            break
    return {
        "weights": best,
        "best_step": best_step,
        "steps": len(val) - 1,
        "train": np.array(train),
        "val": np.array(val),
    }


# %% wrong early_stopping: a NaN counts as an improvement
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not (learning_rate > 0 and patience >= 1 and max_steps >= 0):
        raise ValueError("settings")
    w = np.zeros(X.shape[1])
    best, best_step = w, 0
    train, val = [np.mean(y**2)], [np.mean(y_val**2)]
    for step in range(1, max_steps + 1):
        w = w + learning_rate / len(y) * (X.T @ (y - X @ w))
        train.append(np.mean((y - X @ w) ** 2))
        val.append(np.mean((y_val - X_val @ w) ** 2))
        if not val[-1] >= val[best_step] - min_delta:
            best, best_step = w, step
        elif step - best_step >= patience:
            break
    return {
        "weights": best,
        "best_step": best_step,
        "steps": len(val) - 1,
        "train": np.array(train),
        "val": np.array(val),
    }


# %% right early_stopping: precomputed Gram matrix, a counter and a copy
def early_stopping(X, y, X_val, y_val, learning_rate, max_steps, patience, min_delta=0.0):
    if not learning_rate > 0:
        raise ValueError("learning_rate")
    if patience < 1 or max_steps < 0:
        raise ValueError("patience or max_steps")
    n = len(y)
    gram, moment = X.T @ X / n, X.T @ y / n
    w = np.zeros(X.shape[1])

    def errors():
        return float(np.mean((X @ w - y) ** 2)), float(np.mean((X_val @ w - y_val) ** 2))

    history = [errors()]
    lowest, best, best_step, bad, step = history[0][1], w.copy(), 0, 0, 0
    while step < max_steps and bad < patience:
        w += learning_rate * (moment - gram @ w)
        step += 1
        history.append(errors())
        if history[-1][1] < lowest - min_delta:
            lowest, best, best_step, bad = history[-1][1], w.copy(), step, 0
        else:
            bad += 1
    train, val = np.array(history).T
    return {"weights": best, "best_step": best_step, "steps": step, "train": train, "val": val}
