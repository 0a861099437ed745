"""Known answers of lesson 2.6 Trees and ensembles.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong best_split: takes the values themselves as thresholds
def best_split(X, y, min_leaf=1):
    best = None
    c = y - y.mean()
    for j in range(X.shape[1]):
        o = np.argsort(X[:, j], kind="stable")
        x, left = X[o, j], np.cumsum(c[o])
        for k in range(min_leaf, len(y) - min_leaf + 1):
            if k < len(y) and x[k - 1] < x[k]:
                g = left[k - 1] ** 2 / k + left[k - 1] ** 2 / (len(y) - k)
                if best is None or g > best[2]:
                    best = (j, x[k - 1], g)
    return best


# %% wrong best_split: splits between equal values
def best_split(X, y, min_leaf=1):
    n, c, best = len(y), y - y.mean(), None
    k = np.arange(1, n)
    ok = (k >= min_leaf) & (n - k >= min_leaf)
    if not ok.any():
        return None
    for j in range(X.shape[1]):
        o = np.argsort(X[:, j], kind="stable")
        left = np.cumsum(c[o])[:-1]
        g = np.where(ok, left**2 / k + left**2 / (n - k), -np.inf)
        i = int(g.argmax())
        if best is None or g[i] > best[2]:
            best = (j, (X[o[i], j] + X[o[i + 1], j]) / 2, g[i])
    return best


# %% wrong best_split: reports the mean instead of the sum of squares
def best_split(X, y, min_leaf=1):
    n, c, best = len(y), y - y.mean(), None
    if n < 2:
        return None
    k = np.arange(1, n)
    for j in range(X.shape[1]):
        o = np.argsort(X[:, j], kind="stable")
        x, left = X[o, j], np.cumsum(c[o])[:-1]
        ok = (k >= min_leaf) & (n - k >= min_leaf) & (x[:-1] < x[1:])
        g = np.where(ok, (left**2 / k + left**2 / (n - k)) / n, -np.inf)
        i = int(g.argmax())
        if g[i] > (-np.inf if best is None else best[2]):
            best = (j, (x[i] + x[i + 1]) / 2, g[i])
    return best


# %% wrong best_split: does not subtract the mean before squaring sums
def best_split(X, y, min_leaf=1):
    n, best = len(y), None
    if n < 2:
        return None
    k = np.arange(1, n)
    for j in range(X.shape[1]):
        o = np.argsort(X[:, j], kind="stable")
        x, left = X[o, j], np.cumsum(y[o])[:-1]
        right = y.sum() - left
        ok = (k >= min_leaf) & (n - k >= min_leaf) & (x[:-1] < x[1:])
        g = np.where(ok, left**2 / k + right**2 / (n - k) - y.sum() ** 2 / n, -np.inf)
        i = int(g.argmax())
        if g[i] > (-np.inf if best is None else best[2]):
            best = (j, (x[i] + x[i + 1]) / 2, g[i])
    return best


# %% wrong best_split: ignores min_leaf on the right side
def best_split(X, y, min_leaf=1):
    n, c, best = len(y), y - y.mean(), None
    if n < 2:
        return None
    k = np.arange(1, n)
    for j in range(X.shape[1]):
        o = np.argsort(X[:, j], kind="stable")
        x, left = X[o, j], np.cumsum(c[o])[:-1]
        g = np.where((k >= min_leaf) & (x[:-1] < x[1:]), left**2 / k + left**2 / (n - k), -np.inf)
        i = int(g.argmax())
        if g[i] > (-np.inf if best is None else best[2]):
            best = (j, (x[i] + x[i + 1]) / 2, g[i])
    return best


# %% wrong best_split: returns None when the best gain is 0
def best_split(X, y, min_leaf=1):
    n, c, best = len(y), y - y.mean(), None
    if n < 2:
        return None
    k = np.arange(1, n)
    for j in range(X.shape[1]):
        o = np.argsort(X[:, j], kind="stable")
        x, left = X[o, j], np.cumsum(c[o])[:-1]
        ok = (k >= min_leaf) & (n - k >= min_leaf) & (x[:-1] < x[1:])
        g = np.where(ok, left**2 / k + left**2 / (n - k), -np.inf)
        i = int(g.argmax())
        if g[i] > (1e-12 if best is None else best[2]):
            best = (j, (x[i] + x[i + 1]) / 2, g[i])
    return best


# %% wrong best_split: every threshold from scratch, in quadratic time
def best_split(X, y, min_leaf=1):
    best = None
    for j in range(X.shape[1]):
        values = np.unique(X[:, j])
        for t in (values[:-1] + values[1:]) / 2:
            left = X[:, j] <= t
            if min(left.sum(), (~left).sum()) < min_leaf:
                continue
            a, b = y[left], y[~left]
            g = len(a) * (a.mean() - y.mean()) ** 2 + len(b) * (b.mean() - y.mean()) ** 2
            if best is None or g > best[2]:
                best = (j, t, g)
    return best


# %% wrong best_split: looks at the first column alone
def best_split(X, y, min_leaf=1):
    n, c = len(y), y - y.mean()
    if n < 2:
        return None
    k = np.arange(1, n)
    o = np.argsort(X[:, 0], kind="stable")
    x, left = X[o, 0], np.cumsum(c[o])[:-1]
    ok = (k >= min_leaf) & (n - k >= min_leaf) & (x[:-1] < x[1:])
    if not ok.any():
        return None
    g = np.where(ok, left**2 / k + left**2 / (n - k), -np.inf)
    i = int(g.argmax())
    return 0, (x[i] + x[i + 1]) / 2, g[i]


# %% right best_split: sums per distinct value, last of equal questions
def best_split(X, y, min_leaf=1):
    best, n = None, len(y)
    centred = y - np.mean(y)
    for j in reversed(range(X.shape[1])):
        values, place, counts = np.unique(X[:, j], return_inverse=True, return_counts=True)
        if len(values) < 2:
            continue
        sums = np.bincount(place.ravel(), weights=centred)
        n_left, s_left = np.cumsum(counts)[:-1], np.cumsum(sums)[:-1]
        n_right, s_right = n - n_left, sums.sum() - s_left
        gain = s_left**2 / n_left + s_right**2 / n_right
        allowed = np.flatnonzero((n_left >= min_leaf) & (n_right >= min_leaf))
        if len(allowed):
            i = allowed[np.argmax(gain[allowed])]
            if best is None or gain[i] > best[2]:
                best = (j, float((values[i] + values[i + 1]) / 2), float(gain[i]))
    return best


# %% right best_split: plain Python sums along one sort
def best_split(X, y, min_leaf=1):
    n = len(y)
    mean = float(np.mean(y))
    best = None
    for j in range(X.shape[1]):
        order = np.argsort(X[:, j])
        xs, ys = X[order, j].tolist(), (y[order] - mean).tolist()
        running = 0.0
        for k in range(1, n):
            running += ys[k - 1]
            if xs[k - 1] == xs[k] or k < min_leaf or n - k < min_leaf:
                continue
            gain = running * running * n / (k * (n - k))
            if best is None or gain > best[2]:
                best = (j, (xs[k - 1] + xs[k]) / 2, gain)
    return best


# %% wrong grow_tree: stops where the gain is 0
def grow_tree(X, y, split, max_depth, min_leaf):
    found = split(X, y, min_leaf) if max_depth > 0 and np.ptp(y) > 0 else None
    if found is None or found[2] <= 0:
        return {"value": float(np.mean(y)), "n": len(y)}
    go = X[:, found[0]] <= found[1]
    return {
        "column": found[0],
        "threshold": found[1],
        "n": len(y),
        "left": grow_tree(X[go], y[go], split, max_depth - 1, min_leaf),
        "right": grow_tree(X[~go], y[~go], split, max_depth - 1, min_leaf),
    }


def tree_predict(tree, X):
    if "value" in tree:
        return np.full(len(X), tree["value"])
    go = X[:, tree["column"]] <= tree["threshold"]
    return np.where(go, tree_predict(tree["left"], X), tree_predict(tree["right"], X))


# %% wrong grow_tree: equal to the threshold goes right when predicting
def grow_tree(X, y, split, max_depth, min_leaf):
    found = split(X, y, min_leaf) if max_depth > 0 and np.ptp(y) > 0 else None
    if found is None:
        return {"value": float(np.mean(y)), "n": len(y)}
    go = X[:, found[0]] < found[1]
    return {
        "column": found[0],
        "threshold": found[1],
        "n": len(y),
        "left": grow_tree(X[go], y[go], split, max_depth - 1, min_leaf),
        "right": grow_tree(X[~go], y[~go], split, max_depth - 1, min_leaf),
    }


def tree_predict(tree, X):
    if "value" in tree:
        return np.full(len(X), tree["value"])
    go = X[:, tree["column"]] < tree["threshold"]
    return np.where(go, tree_predict(tree["left"], X), tree_predict(tree["right"], X))


# %% wrong grow_tree: one level too many
def grow_tree(X, y, split, max_depth, min_leaf):
    found = split(X, y, min_leaf) if max_depth >= 0 and np.ptp(y) > 0 else None
    if found is None:
        return {"value": float(np.mean(y)), "n": len(y)}
    go = X[:, found[0]] <= found[1]
    return {
        "column": found[0],
        "threshold": found[1],
        "n": len(y),
        "left": grow_tree(X[go], y[go], split, max_depth - 1, min_leaf),
        "right": grow_tree(X[~go], y[~go], split, max_depth - 1, min_leaf),
    }


def tree_predict(tree, X):
    if "value" in tree:
        return np.full(len(X), tree["value"])
    go = X[:, tree["column"]] <= tree["threshold"]
    return np.where(go, tree_predict(tree["left"], X), tree_predict(tree["right"], X))


# %% wrong grow_tree: asks for a split in pure nodes
def grow_tree(X, y, split, max_depth, min_leaf):
    found = split(X, y, min_leaf) if max_depth > 0 else None
    if found is None:
        return {"value": float(np.mean(y)), "n": len(y)}
    go = X[:, found[0]] <= found[1]
    return {
        "column": found[0],
        "threshold": found[1],
        "n": len(y),
        "left": grow_tree(X[go], y[go], split, max_depth - 1, min_leaf),
        "right": grow_tree(X[~go], y[~go], split, max_depth - 1, min_leaf),
    }


def tree_predict(tree, X):
    if "value" in tree:
        return np.full(len(X), tree["value"])
    go = X[:, tree["column"]] <= tree["threshold"]
    return np.where(go, tree_predict(tree["left"], X), tree_predict(tree["right"], X))


# %% wrong grow_tree: leaves hold the majority instead of the mean
def grow_tree(X, y, split, max_depth, min_leaf):
    found = split(X, y, min_leaf) if max_depth > 0 and np.ptp(y) > 0 else None
    if found is None:
        return {"value": float(np.round(np.mean(y))), "n": len(y)}
    go = X[:, found[0]] <= found[1]
    return {
        "column": found[0],
        "threshold": found[1],
        "n": len(y),
        "left": grow_tree(X[go], y[go], split, max_depth - 1, min_leaf),
        "right": grow_tree(X[~go], y[~go], split, max_depth - 1, min_leaf),
    }


def tree_predict(tree, X):
    if "value" in tree:
        return np.full(len(X), tree["value"])
    go = X[:, tree["column"]] <= tree["threshold"]
    return np.where(go, tree_predict(tree["left"], X), tree_predict(tree["right"], X))


# %% wrong grow_tree: the children get all rows
def grow_tree(X, y, split, max_depth, min_leaf):
    found = split(X, y, min_leaf) if max_depth > 0 and np.ptp(y) > 0 else None
    if found is None:
        return {"value": float(np.mean(y)), "n": len(y)}
    go = X[:, found[0]] <= found[1]
    return {
        "column": found[0],
        "threshold": found[1],
        "n": len(y),
        "left": grow_tree(X, y, split, max_depth - 1, min_leaf) if go.any() else None,
        "right": grow_tree(X[~go], y[~go], split, max_depth - 1, min_leaf),
    }


def tree_predict(tree, X):
    if "value" in tree:
        return np.full(len(X), tree["value"])
    go = X[:, tree["column"]] <= tree["threshold"]
    return np.where(go, tree_predict(tree["left"], X), tree_predict(tree["right"], X))


# %% wrong grow_tree: forgets to pass min_leaf on
def grow_tree(X, y, split, max_depth, min_leaf):
    found = split(X, y, 1) if max_depth > 0 and np.ptp(y) > 0 else None
    if found is None:
        return {"value": float(np.mean(y)), "n": len(y)}
    go = X[:, found[0]] <= found[1]
    return {
        "column": found[0],
        "threshold": found[1],
        "n": len(y),
        "left": grow_tree(X[go], y[go], split, max_depth - 1, min_leaf),
        "right": grow_tree(X[~go], y[~go], split, max_depth - 1, min_leaf),
    }


def tree_predict(tree, X):
    if "value" in tree:
        return np.full(len(X), tree["value"])
    go = X[:, tree["column"]] <= tree["threshold"]
    return np.where(go, tree_predict(tree["left"], X), tree_predict(tree["right"], X))


# %% right grow_tree: a stack of nodes, and a walk for each row
def grow_tree(X, y, split, max_depth, min_leaf):
    root = {}
    waiting = [(root, X, y, 0)]
    while waiting:
        node, A, b, depth = waiting.pop()
        node["n"] = int(b.size)
        question = None
        if depth < max_depth and len(set(b.tolist())) > 1:
            question = split(A, b, min_leaf)
        if question is None:
            node["value"] = b.sum() / b.size
            continue
        node["column"], node["threshold"] = int(question[0]), float(question[1])
        node["left"], node["right"] = {}, {}
        below = A[:, node["column"]] <= node["threshold"]
        waiting.append((node["right"], A[~below], b[~below], depth + 1))
        waiting.append((node["left"], A[below], b[below], depth + 1))
    return root


def tree_predict(tree, X):
    out = []
    for row in X:
        node = tree
        while "value" not in node:
            node = node["left" if row[node["column"]] <= node["threshold"] else "right"]
        out.append(node["value"])
    return np.array(out, dtype=float)


# %% wrong out_of_bag: averages all trees
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if drawn.min() < 0 or drawn.max() >= n or (owner is not None and len(owner) != n):
        raise ValueError("rows or owner")
    return predictions.mean(axis=0), np.full(n, len(predictions))


# %% wrong out_of_bag: ignores the owner
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if drawn.min() < 0 or drawn.max() >= n or (owner is not None and len(owner) != n):
        raise ValueError("rows or owner")
    free = np.ones(predictions.shape, bool)
    for t, rows in enumerate(drawn):
        free[t, rows] = False
    votes = free.sum(axis=0)
    total = np.where(free, predictions, 0).sum(axis=0)
    return np.divide(total, votes, out=np.full(n, np.nan), where=votes > 0), votes


# %% wrong out_of_bag: scores with the trees that saw the row
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if drawn.min() < 0 or drawn.max() >= n or (owner is not None and len(owner) != n):
        raise ValueError("rows or owner")
    code = np.arange(n) if owner is None else np.unique(owner, return_inverse=True)[1]
    free = np.zeros(predictions.shape, bool)
    for t, rows in enumerate(drawn):
        free[t] = np.isin(code, code[rows])
    votes = free.sum(axis=0)
    total = np.where(free, predictions, 0).sum(axis=0)
    return np.divide(total, votes, out=np.full(n, np.nan), where=votes > 0), votes


# %% wrong out_of_bag: 0 instead of NaN where no tree may vote
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if drawn.min() < 0 or drawn.max() >= n or (owner is not None and len(owner) != n):
        raise ValueError("rows or owner")
    code = np.arange(n) if owner is None else np.unique(owner, return_inverse=True)[1]
    free = np.array([~np.isin(code, code[rows]) for rows in drawn])
    votes = free.sum(axis=0)
    return np.where(free, predictions, 0).sum(axis=0) / np.maximum(votes, 1), votes


# %% wrong out_of_bag: divides by the number of all trees
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if drawn.min() < 0 or drawn.max() >= n or (owner is not None and len(owner) != n):
        raise ValueError("rows or owner")
    code = np.arange(n) if owner is None else np.unique(owner, return_inverse=True)[1]
    free = np.array([~np.isin(code, code[rows]) for rows in drawn])
    votes = free.sum(axis=0)
    total = np.where(free, predictions, 0).sum(axis=0)
    return np.where(votes > 0, total / len(predictions), np.nan), votes


# %% wrong out_of_bag: accepts negative row numbers
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if drawn.max() >= n or (owner is not None and len(owner) != n):
        raise ValueError("rows or owner")
    code = np.arange(n) if owner is None else np.unique(owner, return_inverse=True)[1]
    free = np.array([~np.isin(code, code[rows]) for rows in drawn])
    votes = free.sum(axis=0)
    total = np.where(free, predictions, 0).sum(axis=0)
    return np.divide(total, votes, out=np.full(n, np.nan), where=votes > 0), votes


# %% wrong out_of_bag: warns when it divides by zero votes
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if drawn.min() < 0 or drawn.max() >= n or (owner is not None and len(owner) != n):
        raise ValueError("rows or owner")
    code = np.arange(n) if owner is None else np.unique(owner, return_inverse=True)[1]
    free = np.array([~np.isin(code, code[rows]) for rows in drawn])
    return np.nanmean(np.where(free, predictions, np.nan), axis=0), free.sum(axis=0)


# %% right out_of_bag: pandas codes and a masked mean
def out_of_bag(predictions, drawn, owner=None):
    n = predictions.shape[1]
    if owner is not None and len(owner) != n:
        raise ValueError("one owner per row")
    if (drawn < 0).any() or (drawn >= n).any():
        raise ValueError("not a row")
    code = pd.factorize(np.arange(n) if owner is None else np.asarray(owner))[0]
    hidden = np.array([np.isin(code, code[rows]) for rows in drawn])
    scores = np.ma.array(predictions, mask=hidden).mean(axis=0)
    return np.ma.filled(scores.astype(float), np.nan), (~hidden).sum(axis=0)


# %% wrong balanced_oob: balances once, in front of the bags
def balanced_oob(X, y, fit_tree, trees, rng):
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    rows = np.r_[rng.choice(ones, size=len(ones)), rng.choice(zeros, size=len(ones))]
    total, votes = np.zeros(len(y)), np.zeros(len(y))
    for _ in range(trees):
        predict = fit_tree(X[rows], y[rows])
        unseen = ~np.isin(np.arange(len(y)), rows)
        total += np.where(unseen, predict(X), 0)
        votes += unseen
    return np.divide(total, votes, out=np.full(len(y), np.nan), where=votes > 0)


# %% wrong balanced_oob: scores every row with every tree
def balanced_oob(X, y, fit_tree, trees, rng):
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    total = np.zeros(len(y))
    for _ in range(trees):
        rows = np.r_[rng.choice(ones, size=len(ones)), rng.choice(zeros, size=len(ones))]
        total += fit_tree(X[rows], y[rows])(X)
    return total / trees


# %% wrong balanced_oob: as many ones as there are zeros
def balanced_oob(X, y, fit_tree, trees, rng):
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    total, votes = np.zeros(len(y)), np.zeros(len(y))
    for _ in range(trees):
        rows = np.r_[rng.choice(ones, size=len(zeros)), rng.choice(zeros, size=len(zeros))]
        predict = fit_tree(X[rows], y[rows])
        unseen = ~np.isin(np.arange(len(y)), rows)
        total += np.where(unseen, predict(X), 0)
        votes += unseen
    return np.divide(total, votes, out=np.full(len(y), np.nan), where=votes > 0)


# %% wrong balanced_oob: draws without replacement
def balanced_oob(X, y, fit_tree, trees, rng):
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    total, votes = np.zeros(len(y)), np.zeros(len(y))
    for _ in range(trees):
        k = len(ones)
        rows = np.r_[ones, rng.choice(zeros, size=k, replace=k > len(zeros))]
        predict = fit_tree(X[rows], y[rows])
        unseen = ~np.isin(np.arange(len(y)), rows)
        total += np.where(unseen, predict(X), 0)
        votes += unseen
    return np.divide(total, votes, out=np.full(len(y), np.nan), where=votes > 0)


# %% wrong balanced_oob: treats equal rows as the same row
def balanced_oob(X, y, fit_tree, trees, rng):
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    total, votes = np.zeros(len(y)), np.zeros(len(y))
    for _ in range(trees):
        rows = np.r_[rng.choice(ones, size=len(ones)), rng.choice(zeros, size=len(ones))]
        predict = fit_tree(X[rows], y[rows])
        inside = {tuple(r) for r in X[rows].tolist()}
        unseen = np.array([tuple(r) not in inside for r in X.tolist()])
        total += np.where(unseen, predict(X), 0)
        votes += unseen
    return np.divide(total, votes, out=np.full(len(y), np.nan), where=votes > 0)


# %% wrong balanced_oob: 0 where no tree may vote
def balanced_oob(X, y, fit_tree, trees, rng):
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    total, votes = np.zeros(len(y)), np.zeros(len(y))
    for _ in range(trees):
        rows = np.r_[rng.choice(ones, size=len(ones)), rng.choice(zeros, size=len(ones))]
        predict = fit_tree(X[rows], y[rows])
        unseen = ~np.isin(np.arange(len(y)), rows)
        total += np.where(unseen, predict(X), 0)
        votes += unseen
    return total / np.maximum(votes, 1)


# %% right balanced_oob: lists of votes per row
def balanced_oob(X, y, fit_tree, trees, rng):
    n = len(y)
    ones = np.array([i for i in range(n) if y[i] == 1])
    zeros = np.array([i for i in range(n) if y[i] == 0])
    k = ones.size
    votes = [[] for _ in range(n)]
    for _ in range(trees):
        drawn_ones = rng.choice(ones, size=k)
        drawn_zeros = rng.choice(zeros, size=k)
        rows = np.concatenate([drawn_ones, drawn_zeros])
        values = fit_tree(X[rows], y[rows])(X)
        for i in set(range(n)) - set(rows.tolist()):
            votes[i].append(values[i])
    return np.array([np.mean(v) if v else np.nan for v in votes])


# %% right balanced_oob: with the provided out-of-bag function
def balanced_oob(X, y, fit_tree, trees, rng):
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    drawn = np.array(
        [
            np.r_[rng.choice(ones, size=len(ones)), rng.choice(zeros, size=len(ones))]
            for _ in range(trees)
        ]
    )
    return provided_oob(np.array([fit_tree(X[r], y[r])(X) for r in drawn]), drawn)[0]


# %% wrong boost: leaf means instead of Newton steps
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if len(np.unique(y)) < 2:
        raise ValueError("one class")
    F = np.full(len(y), np.log(y.mean() / (1 - y.mean())))
    out = [np.full(len(X_new), F[0])]
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-F))
        tree = fit_tree(X, y - p)
        leaf = tree.apply(X)
        value = np.bincount(leaf, y - p) / np.maximum(np.bincount(leaf), 1)
        F = F + learning_rate * value[leaf]
        out.append(out[-1] + learning_rate * value[tree.apply(X_new)])
    return np.array(out)


# %% wrong boost: fits the targets instead of the residuals
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if len(np.unique(y)) < 2:
        raise ValueError("one class")
    F = np.full(len(y), np.log(y.mean() / (1 - y.mean())))
    out = [np.full(len(X_new), F[0])]
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-F))
        tree = fit_tree(X, y)
        leaf = tree.apply(X)
        top, below = np.bincount(leaf, y - p), np.bincount(leaf, p * (1 - p))
        value = np.divide(top, below, out=np.zeros_like(top), where=below >= 1e-12)
        F = F + learning_rate * value[leaf]
        out.append(out[-1] + learning_rate * value[tree.apply(X_new)])
    return np.array(out)


# %% wrong boost: starts at the share instead of its log-odds
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if len(np.unique(y)) < 2:
        raise ValueError("one class")
    F = np.full(len(y), y.mean())
    out = [np.full(len(X_new), F[0])]
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-F))
        tree = fit_tree(X, y - p)
        leaf = tree.apply(X)
        top, below = np.bincount(leaf, y - p), np.bincount(leaf, p * (1 - p))
        value = np.divide(top, below, out=np.zeros_like(top), where=below >= 1e-12)
        F = F + learning_rate * value[leaf]
        out.append(out[-1] + learning_rate * value[tree.apply(X_new)])
    return np.array(out)


# %% wrong boost: the learning rate moves the new rows only
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if len(np.unique(y)) < 2:
        raise ValueError("one class")
    F = np.full(len(y), np.log(y.mean() / (1 - y.mean())))
    out = [np.full(len(X_new), F[0])]
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-F))
        tree = fit_tree(X, y - p)
        leaf = tree.apply(X)
        top, below = np.bincount(leaf, y - p), np.bincount(leaf, p * (1 - p))
        value = np.divide(top, below, out=np.zeros_like(top), where=below >= 1e-12)
        F = F + value[leaf]
        out.append(out[-1] + learning_rate * value[tree.apply(X_new)])
    return np.array(out)


# %% wrong boost: residuals of the first round for ever
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if len(np.unique(y)) < 2:
        raise ValueError("one class")
    F = np.full(len(y), np.log(y.mean() / (1 - y.mean())))
    out = [np.full(len(X_new), F[0])]
    p = 1 / (1 + np.exp(-F))
    for _ in range(rounds):
        tree = fit_tree(X, y - p)
        leaf = tree.apply(X)
        top, below = np.bincount(leaf, y - p), np.bincount(leaf, p * (1 - p))
        value = np.divide(top, below, out=np.zeros_like(top), where=below >= 1e-12)
        out.append(out[-1] + learning_rate * value[tree.apply(X_new)])
    return np.array(out)


# %% wrong boost: returns the last stage alone
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if len(np.unique(y)) < 2:
        raise ValueError("one class")
    F = np.full(len(y), np.log(y.mean() / (1 - y.mean())))
    G = np.full(len(X_new), F[0])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-F))
        tree = fit_tree(X, y - p)
        leaf = tree.apply(X)
        top, below = np.bincount(leaf, y - p), np.bincount(leaf, p * (1 - p))
        value = np.divide(top, below, out=np.zeros_like(top), where=below >= 1e-12)
        F, G = F + learning_rate * value[leaf], G + learning_rate * value[tree.apply(X_new)]
    return G


# %% wrong boost: divides by zero in sure leaves and warns
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if len(np.unique(y)) < 2:
        raise ValueError("one class")
    F = np.full(len(y), np.log(y.mean() / (1 - y.mean())))
    out = [np.full(len(X_new), F[0])]
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-F))
        tree = fit_tree(X, y - p)
        leaf = tree.apply(X)
        value = np.bincount(leaf, y - p) / np.bincount(leaf, p * (1 - p))
        F = F + learning_rate * value[leaf]
        out.append(out[-1] + learning_rate * value[tree.apply(X_new)])
    return np.array(out)


# %% right boost: a dict of leaves, both tables in one array
def boost(X, y, X_new, rounds, learning_rate, fit_tree):
    if not (np.any(y == 0) and np.any(y == 1)):
        raise ValueError("both classes are needed")
    n, both = len(y), np.concatenate([X, X_new])
    score = np.full(len(both), np.log(np.sum(y == 1) / np.sum(y == 0)))
    stages = np.empty((rounds + 1, len(X_new)))
    stages[0] = score[n:]
    for k in range(rounds):
        p = 1 / (1 + np.exp(-score[:n]))
        tree = fit_tree(X, y - p)
        leaf = np.asarray(tree.apply(both))
        step = np.zeros(len(both))
        for name in np.unique(leaf[:n]):
            rows = np.flatnonzero(leaf[:n] == name)
            curvature = (p[rows] * (1 - p[rows])).sum()
            if curvature >= 1e-12:
                step[leaf == name] = (y[rows] - p[rows]).sum() / curvature
        score = score + learning_rate * step
        stages[k + 1] = score[n:]
    return stages


# %% wrong block_importance: each column of a block gets its own order
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2 or any(len(b) == 0 for b in blocks):
        raise ValueError("repeats or block")
    intact, lost = score(X, y), np.empty((len(blocks), repeats))
    for i, block in enumerate(blocks):
        for k in range(repeats):
            Z = X.copy()
            for j in block:
                Z[:, j] = X[rng.permutation(len(X)), j]
            lost[i, k] = intact - score(Z, y)
    return lost.mean(axis=1), lost.std(axis=1, ddof=1) / np.sqrt(repeats)


# %% wrong block_importance: shuffles what is already shuffled
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2 or any(len(b) == 0 for b in blocks):
        raise ValueError("repeats or block")
    intact, lost = score(X, y), np.empty((len(blocks), repeats))
    Z = X.copy()
    for i, block in enumerate(blocks):
        for k in range(repeats):
            order = rng.permutation(len(X))
            Z[:, block] = Z[order][:, block]
            lost[i, k] = intact - score(Z, y)
    return lost.mean(axis=1), lost.std(axis=1, ddof=1) / np.sqrt(repeats)


# %% wrong block_importance: changes X in place and puts it back
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2 or any(len(b) == 0 for b in blocks):
        raise ValueError("repeats or block")
    intact, lost = score(X, y), np.empty((len(blocks), repeats))
    for i, block in enumerate(blocks):
        kept = X[:, block].copy()
        for k in range(repeats):
            X[:, block] = kept[rng.permutation(len(X))]
            lost[i, k] = intact - score(X, y)
        X[:, block] = kept
    return lost.mean(axis=1), lost.std(axis=1, ddof=1) / np.sqrt(repeats)


# %% wrong block_importance: the drop has the wrong sign
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2 or any(len(b) == 0 for b in blocks):
        raise ValueError("repeats or block")
    intact, lost = score(X, y), np.empty((len(blocks), repeats))
    for i, block in enumerate(blocks):
        for k in range(repeats):
            order = rng.permutation(len(X))
            Z = X.copy()
            Z[:, block] = X[order][:, block]
            lost[i, k] = score(Z, y) - intact
    return lost.mean(axis=1), lost.std(axis=1, ddof=1) / np.sqrt(repeats)


# %% wrong block_importance: standard deviation instead of standard error
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2 or any(len(b) == 0 for b in blocks):
        raise ValueError("repeats or block")
    intact, lost = score(X, y), np.empty((len(blocks), repeats))
    for i, block in enumerate(blocks):
        for k in range(repeats):
            order = rng.permutation(len(X))
            Z = X.copy()
            Z[:, block] = X[order][:, block]
            lost[i, k] = intact - score(Z, y)
    return lost.mean(axis=1), lost.std(axis=1, ddof=1)


# %% wrong block_importance: shuffles whole rows
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2 or any(len(b) == 0 for b in blocks):
        raise ValueError("repeats or block")
    intact, lost = score(X, y), np.empty((len(blocks), repeats))
    for i in range(len(blocks)):
        for k in range(repeats):
            lost[i, k] = intact - score(X[rng.permutation(len(X))], y)
    return lost.mean(axis=1), lost.std(axis=1, ddof=1) / np.sqrt(repeats)


# %% wrong block_importance: one permutation for all repeats
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2 or any(len(b) == 0 for b in blocks):
        raise ValueError("repeats or block")
    intact, lost = score(X, y), np.empty((len(blocks), repeats))
    order = rng.permutation(len(X))
    for i, block in enumerate(blocks):
        for k in range(repeats):
            Z = X.copy()
            Z[:, block] = X[order][:, block]
            lost[i, k] = intact - score(Z, y)
    return lost.mean(axis=1), lost.std(axis=1, ddof=1) / np.sqrt(repeats)


# %% right block_importance: columns stacked one by one, lists of drops
def block_importance(score, X, y, blocks, repeats, rng):
    if repeats < 2:
        raise ValueError("a standard error needs two repeats")
    if not all(len(block) for block in blocks):
        raise ValueError("empty block")
    base, means, errors = score(X.copy(), y), [], []
    for block in blocks:
        drops = []
        for _ in range(repeats):
            order = rng.permutation(X.shape[0])
            columns = [X[order, j] if j in block else X[:, j] for j in range(X.shape[1])]
            drops.append(base - score(np.stack(columns, axis=1), y))
        means.append(np.mean(drops))
        errors.append((np.var(drops, ddof=1) / repeats) ** 0.5)
    return np.array(means), np.array(errors)
