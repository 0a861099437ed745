"""Known answers of lesson 2.4 Model evaluation.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong stratified_folds: a plain shuffle that ignores the classes
def stratified_folds(y, k, rng):
    y = np.asarray(y)
    if k < 2 or len(y) == 0 or np.unique(y, return_counts=True)[1].min() < k:
        raise ValueError("too few")
    return rng.permutation(np.arange(len(y)) % k)


# %% wrong stratified_folds: every class starts to deal at fold 0, so the extras meet
def stratified_folds(y, k, rng):
    y = np.asarray(y)
    if k < 2 or len(y) == 0 or np.unique(y, return_counts=True)[1].min() < k:
        raise ValueError("too few")
    fold = np.empty(len(y), dtype=int)
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        fold[rows] = np.arange(len(rows)) % k
    return fold


# %% wrong stratified_folds: deals in turn without shuffling
def stratified_folds(y, k, rng):
    y = np.asarray(y)
    if k < 2 or len(y) == 0 or np.unique(y, return_counts=True)[1].min() < k:
        raise ValueError("too few")
    fold = np.empty(len(y), dtype=int)
    fold[np.argsort(y, kind="stable")] = np.arange(len(y)) % k
    return fold


# %% wrong stratified_folds: a generator of its own with a fixed seed
def stratified_folds(y, k, rng):
    y = np.asarray(y)
    rng = np.random.default_rng(0)
    labels, counts = np.unique(y, return_counts=True)
    if k < 2 or len(y) == 0 or counts.min() < k:
        raise ValueError("too few")
    order = np.concatenate([rng.permutation(np.flatnonzero(y == label)) for label in labels])
    fold = np.empty(len(y), dtype=int)
    fold[order] = np.arange(len(y)) % k
    return fold


# %% wrong stratified_folds: no check of the class sizes
def stratified_folds(y, k, rng):
    y = np.asarray(y)
    order = np.concatenate([rng.permutation(np.flatnonzero(y == c)) for c in np.unique(y)])
    fold = np.empty(len(y), dtype=int)
    fold[order] = np.arange(len(y)) % k
    return fold


# %% right stratified_folds: a running offset, and the fold names shuffled
def stratified_folds(y, k, rng):
    y = np.asarray(y)
    if k < 2 or len(y) == 0:
        raise ValueError("at least two folds and one row")
    fold = np.zeros(len(y), dtype=np.int64)
    offset, names = 0, rng.permutation(k)
    for label in sorted(set(y.tolist())):
        rows = np.flatnonzero(y == label)
        if len(rows) < k:
            raise ValueError(f"class {label} has only {len(rows)} rows")
        rng.shuffle(rows)
        for row in rows:
            fold[row] = names[offset % k]
            offset += 1
    return fold


# %% right stratified_folds: sorts random keys within the classes
def stratified_folds(y, k, rng):
    codes, counts = np.unique(np.asarray(y), return_inverse=True, return_counts=True)[1:]
    if k < 2 or len(codes) == 0 or (counts < k).any():
        raise ValueError("too few rows or folds")
    order = np.lexsort((rng.random(len(codes)), codes))
    fold = np.empty(len(codes), dtype=int)
    fold[order] = np.resize(np.arange(k), len(codes))
    return fold


# %% wrong honest_scores: still selects the columns on all rows
def honest_scores(X, y, fold, select, balance, fit_score):
    scores = np.empty(len(y))
    chosen = select(X, y)
    for j in np.unique(fold):
        train = np.flatnonzero(fold != j)
        rows = train[balance(y[train])]
        scores[fold == j] = fit_score(X[rows][:, chosen], y[rows], X[fold == j][:, chosen])
    return scores


# %% wrong honest_scores: numbers of the training part taken from the whole table
def honest_scores(X, y, fold, select, balance, fit_score):
    scores = np.empty(len(y))
    for j in np.unique(fold):
        train = np.flatnonzero(fold != j)
        chosen = select(X[train], y[train])
        rows = balance(y[train])
        scores[fold == j] = fit_score(X[rows][:, chosen], y[rows], X[fold == j][:, chosen])
    return scores


# %% wrong honest_scores: forgets to balance
def honest_scores(X, y, fold, select, balance, fit_score):
    scores = np.empty(len(y))
    for j in np.unique(fold):
        out = fold == j
        chosen = select(X[~out], y[~out])
        scores[out] = fit_score(X[~out][:, chosen], y[~out], X[out][:, chosen])
    return scores


# %% wrong honest_scores: selects on the balanced rows
def honest_scores(X, y, fold, select, balance, fit_score):
    scores = np.empty(len(y))
    for j in np.unique(fold):
        train = np.flatnonzero(fold != j)
        rows = train[balance(y[train])]
        chosen = select(X[rows], y[rows])
        scores[fold == j] = fit_score(X[rows][:, chosen], y[rows], X[fold == j][:, chosen])
    return scores


# %% wrong honest_scores: scores appended fold after fold, not in the order of the table
def honest_scores(X, y, fold, select, balance, fit_score):
    scores = []
    for j in np.unique(fold):
        train = np.flatnonzero(fold != j)
        chosen = select(X[train], y[train])
        rows = train[balance(y[train])]
        scores.extend(fit_score(X[rows][:, chosen], y[rows], X[fold == j][:, chosen]))
    return np.array(scores)


# %% wrong honest_scores: folds are taken to be 0, 1, 2, …
def honest_scores(X, y, fold, select, balance, fit_score):
    scores = np.zeros(len(y))
    for j in range(len(np.unique(fold))):
        train = np.flatnonzero(fold != j)
        chosen = select(X[train], y[train])
        rows = train[balance(y[train])]
        if (fold == j).any():
            scores[fold == j] = fit_score(X[rows][:, chosen], y[rows], X[fold == j][:, chosen])
    return scores


# %% right honest_scores: with masks and a copy of the training part
def honest_scores(X, y, fold, select, balance, fit_score):
    scores = np.full(len(y), np.nan)
    for j in set(fold.tolist()):
        out = fold == j
        X_train, y_train = X[~out], y[~out]
        X_train, X_out = (part[:, select(X_train, y_train)] for part in (X_train, X[out]))
        again = balance(y_train)
        scores[out] = fit_score(X_train[again], y_train[again], X_out)
    return scores


# %% right honest_scores: selects once per fold, row numbers throughout
def honest_scores(X, y, fold, select, balance, fit_score):
    result = np.zeros(X.shape[0], dtype=float)
    for j in np.unique(fold):
        train, test = np.flatnonzero(fold != j), np.flatnonzero(fold == j)
        columns = np.asarray(select(X[train], y[train]))
        rows = np.take(train, balance(y[train]))
        result[test] = fit_score(X[np.ix_(rows, columns)], y[rows], X[np.ix_(test, columns)])
    return result


# %% wrong nested_cv: chooses by the score on the outer fold
def nested_cv(evaluate, settings, outer, inner):
    outer = np.asarray(outer)
    if not settings or len(np.unique(outer)) < 2:
        raise ValueError("too few")
    scores, chosen = [], []
    for j in np.unique(outer):
        rows, out = np.flatnonzero(outer != j), np.flatnonzero(outer == j)
        values = [evaluate(s, rows, out) for s in settings]
        chosen.append(int(np.argmax(values)))
        scores.append(float(max(values)))
    return scores, chosen


# %% wrong nested_cv: inner fold numbers used as if they were rows of the table
def nested_cv(evaluate, settings, outer, inner):
    outer = np.asarray(outer)
    if not settings or len(np.unique(outer)) < 2:
        raise ValueError("too few")
    scores, chosen = [], []
    for j in np.unique(outer):
        rows, out = np.flatnonzero(outer != j), np.flatnonzero(outer == j)
        part = np.asarray(inner(rows))
        means = [
            np.mean(
                [
                    evaluate(s, np.flatnonzero(part != i), np.flatnonzero(part == i))
                    for i in np.unique(part)
                ]
            )
            for s in settings
        ]
        best = int(np.argmax(means))
        chosen.append(best)
        scores.append(float(evaluate(settings[best], rows, out)))
    return scores, chosen


# %% wrong nested_cv: the lowest mean wins, as if scores were losses
def nested_cv(evaluate, settings, outer, inner):
    outer = np.asarray(outer)
    if not settings or len(np.unique(outer)) < 2:
        raise ValueError("too few")
    scores, chosen = [], []
    for j in np.unique(outer):
        rows, out = np.flatnonzero(outer != j), np.flatnonzero(outer == j)
        part = np.asarray(inner(rows))
        means = [
            np.mean([evaluate(s, rows[part != i], rows[part == i]) for i in np.unique(part)])
            for s in settings
        ]
        best = int(np.argmin(means))
        chosen.append(best)
        scores.append(float(evaluate(settings[best], rows, out)))
    return scores, chosen


# %% wrong nested_cv: reports the winner's inner score instead of the outer one
def nested_cv(evaluate, settings, outer, inner):
    outer = np.asarray(outer)
    if not settings or len(np.unique(outer)) < 2:
        raise ValueError("too few")
    scores, chosen = [], []
    for j in np.unique(outer):
        rows = np.flatnonzero(outer != j)
        part = np.asarray(inner(rows))
        means = [
            np.mean([evaluate(s, rows[part != i], rows[part == i]) for i in np.unique(part)])
            for s in settings
        ]
        chosen.append(int(np.argmax(means)))
        scores.append(float(max(means)))
    return scores, chosen


# %% wrong nested_cv: of equal settings the last one wins
def nested_cv(evaluate, settings, outer, inner):
    outer = np.asarray(outer)
    if not settings or len(np.unique(outer)) < 2:
        raise ValueError("too few")
    scores, chosen = [], []
    for j in np.unique(outer):
        rows, out = np.flatnonzero(outer != j), np.flatnonzero(outer == j)
        part = np.asarray(inner(rows))
        best, best_mean = None, -np.inf
        for number, s in enumerate(settings):
            values = [evaluate(s, rows[part != i], rows[part == i]) for i in np.unique(part)]
            if np.mean(values) >= best_mean:
                best, best_mean = number, np.mean(values)
        chosen.append(best)
        scores.append(float(evaluate(settings[best], rows, out)))
    return scores, chosen


# %% wrong nested_cv: starts the search at 0, so negative scores never win
def nested_cv(evaluate, settings, outer, inner):
    outer = np.asarray(outer)
    if not settings or len(np.unique(outer)) < 2:
        raise ValueError("too few")
    scores, chosen = [], []
    for j in np.unique(outer):
        rows, out = np.flatnonzero(outer != j), np.flatnonzero(outer == j)
        part = np.asarray(inner(rows))
        best, best_mean = 0, 0.0
        for number, s in enumerate(settings):
            values = [evaluate(s, rows[part != i], rows[part == i]) for i in np.unique(part)]
            if np.mean(values) > best_mean:
                best, best_mean = number, np.mean(values)
        chosen.append(best)
        scores.append(float(evaluate(settings[best], rows, out)))
    return scores, chosen


# %% right nested_cv: a helper and sums in plain Python
def nested_cv(evaluate, settings, outer, inner):
    outer = np.array(outer)
    names = sorted(set(outer.tolist()))
    if len(settings) < 1:
        raise ValueError("no settings")
    if len(names) < 2:
        raise ValueError("one outer fold leaves no training rows")

    def winner(rows):
        part = np.array(inner(rows))
        groups = sorted(set(part.tolist()))
        means = []
        for setting in settings:
            total = 0.0
            for i in groups:
                total += evaluate(setting, rows[part != i], rows[part == i])
            means.append(total / len(groups))
        return means.index(max(means))

    found = []
    for j in names:
        rows = np.where(outer != j)[0]
        best = winner(rows)
        found.append((float(evaluate(settings[best], rows, np.where(outer == j)[0])), best))
    return [score for score, _ in found], [best for _, best in found]


# %% wrong ranking_curves: every row is a threshold, ties are cut
def threshold_counts(y, score):
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    if y.shape != score.shape or not np.isfinite(score).all():
        raise ValueError("shapes or scores")
    order = np.argsort(-score, kind="stable")
    tp = np.cumsum(y[order] == 1)
    return score[order], tp, np.arange(1, len(y) + 1) - tp


def auc(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0 or fp[-1] == 0:
        raise ValueError("one class")
    return float(np.trapezoid(np.r_[0, tp] / tp[-1], np.r_[0, fp] / fp[-1]))


def average_precision(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0:
        raise ValueError("no ones")
    return float(np.sum(np.diff(np.r_[0, tp]) / tp[-1] * tp / (tp + fp)))


# %% wrong ranking_curves: average precision by trapezoids
def threshold_counts(y, score):
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    if y.shape != score.shape or not np.isfinite(score).all():
        raise ValueError("shapes or scores")
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])
    tp = np.cumsum(y[order] == 1)[last]
    return score[order][last], tp, last + 1 - tp


def auc(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0 or fp[-1] == 0:
        raise ValueError("one class")
    return float(np.trapezoid(np.r_[0, tp] / tp[-1], np.r_[0, fp] / fp[-1]))


def average_precision(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0:
        raise ValueError("no ones")
    return float(np.trapezoid(np.r_[1, tp / (tp + fp)], np.r_[0, tp / tp[-1]]))


# %% wrong ranking_curves: all pairs in one table
def threshold_counts(y, score):
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    if y.shape != score.shape or not np.isfinite(score).all():
        raise ValueError("shapes or scores")
    levels = np.unique(score)[::-1]
    tp = np.array([np.sum((score >= v) & (y == 1)) for v in levels])
    fp = np.array([np.sum((score >= v) & (y == 0)) for v in levels])
    return levels, tp, fp


def auc(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0 or fp[-1] == 0:
        raise ValueError("one class")
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    gap = score[y == 1][:, None] - score[y == 0][None, :]
    return float(np.mean((gap > 0) + 0.5 * (gap == 0)))


def average_precision(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0:
        raise ValueError("no ones")
    return float(np.sum(np.diff(np.r_[0, tp]) / tp[-1] * tp / (tp + fp)))


# %% wrong ranking_curves: the step down to the first threshold is left out
def threshold_counts(y, score):
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    if y.shape != score.shape or not np.isfinite(score).all():
        raise ValueError("shapes or scores")
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])
    tp = np.cumsum(y[order] == 1)[last]
    return score[order][last], tp, last + 1 - tp


def auc(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0 or fp[-1] == 0:
        raise ValueError("one class")
    return float(np.trapezoid(tp / tp[-1], fp / fp[-1]))


def average_precision(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0:
        raise ValueError("no ones")
    return float(np.sum(np.diff(np.r_[0, tp]) / tp[-1] * tp / (tp + fp)))


# %% wrong ranking_curves: nothing is checked
def threshold_counts(y, score):
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])
    tp = np.cumsum(y[order] == 1)[last]
    return score[order][last], tp, last + 1 - tp


def auc(y, score):
    _, tp, fp = threshold_counts(y, score)
    return float(np.trapezoid(np.r_[0, tp] / max(tp[-1], 1), np.r_[0, fp] / max(fp[-1], 1)))


def average_precision(y, score):
    _, tp, fp = threshold_counts(y, score)
    return float(np.sum(np.diff(np.r_[0, tp]) / max(tp[-1], 1) * tp / (tp + fp)))


# %% right ranking_curves: searchsorted for the counts, ranks for the AUC
def threshold_counts(y, score):
    y, score = np.asarray(y), np.asarray(score, dtype=float)
    if y.shape != score.shape or not np.all(np.isfinite(score)):
        raise ValueError("one shape and finite scores, please")
    levels = np.unique(score)[::-1]
    ones, zeros = np.sort(score[y == 1]), np.sort(score[y == 0])
    return (
        levels,
        len(ones) - np.searchsorted(ones, levels, side="left"),
        len(zeros) - np.searchsorted(zeros, levels, side="left"),
    )


def auc(y, score):
    threshold_counts(y, score)
    y = np.asarray(y)
    n1, n0 = int(np.sum(y == 1)), int(np.sum(y == 0))
    if n1 == 0 or n0 == 0:
        raise ValueError("both classes, please")
    ranks = stats.rankdata(score)
    return float((ranks[y == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def average_precision(y, score):
    _, tp, fp = threshold_counts(y, score)
    if tp[-1] == 0:
        raise ValueError("at least one row of class 1, please")
    total, before = 0.0, 0
    for t, f in zip(tp.tolist(), fp.tolist()):
        total += (t - before) / int(tp[-1]) * t / (t + f)
        before = t
    return total


# %% wrong metric_interval: labels and scores are resampled apart
def metric_interval(metric, y, scores, rng, n_resamples=1000, level=0.95, stratified=False):
    y, scores = np.asarray(y), np.asarray(scores)
    n = len(y)
    if n != len(scores) or n == 0 or n_resamples < 1 or not 0 < level < 1:
        raise ValueError("bad input")
    values = np.array(
        [
            metric(y[rng.integers(n, size=n)], scores[rng.integers(n, size=n)])
            for _ in range(n_resamples)
        ]
    )
    if stratified:
        parts = [np.flatnonzero(y == c) for c in np.unique(y)]
        values = np.array(
            [
                metric(
                    np.concatenate([y[rng.choice(p, len(p))] for p in parts]),
                    np.concatenate([scores[rng.choice(p, len(p))] for p in parts]),
                )
                for _ in range(n_resamples)
            ]
        )
    good = values[~np.isnan(values)]
    if len(good) < 0.9 * n_resamples:
        raise ValueError("undefined")
    low, high = np.quantile(good, [(1 - level) / 2, (1 + level) / 2])
    return float(metric(y, scores)), float(low), float(high)


# %% wrong metric_interval: stratified is ignored
def metric_interval(metric, y, scores, rng, n_resamples=1000, level=0.95, stratified=False):
    y, scores = np.asarray(y), np.asarray(scores)
    n = len(y)
    if n != len(scores) or n == 0 or n_resamples < 1 or not 0 < level < 1:
        raise ValueError("bad input")
    values = []
    for _ in range(n_resamples):
        rows = rng.integers(n, size=n)
        values.append(metric(y[rows], scores[rows]))
    values = np.array(values)
    good = values[~np.isnan(values)]
    if len(good) < 0.9 * n_resamples:
        raise ValueError("undefined")
    low, high = np.quantile(good, [(1 - level) / 2, (1 + level) / 2])
    return float(metric(y, scores)), float(low), float(high)


# %% wrong metric_interval: drops undefined resamples, however many there are
def metric_interval(metric, y, scores, rng, n_resamples=1000, level=0.95, stratified=False):
    y, scores = np.asarray(y), np.asarray(scores)
    if len(y) != len(scores) or len(y) == 0 or n_resamples < 1 or not 0 < level < 1:
        raise ValueError("bad input")
    pools = [np.flatnonzero(y == c) for c in np.unique(y)] if stratified else [np.arange(len(y))]
    values = []
    for _ in range(n_resamples):
        rows = np.concatenate([rng.choice(pool, len(pool)) for pool in pools])
        values.append(metric(y[rows], scores[rows]))
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(metric(y, scores)), float(low), float(high)


# %% wrong metric_interval: draws without replacement
def metric_interval(metric, y, scores, rng, n_resamples=1000, level=0.95, stratified=False):
    y, scores = np.asarray(y), np.asarray(scores)
    if len(y) != len(scores) or len(y) == 0 or n_resamples < 1 or not 0 < level < 1:
        raise ValueError("bad input")
    pools = [np.flatnonzero(y == c) for c in np.unique(y)] if stratified else [np.arange(len(y))]
    values = []
    for _ in range(n_resamples):
        rows = np.concatenate([rng.permutation(pool) for pool in pools])
        values.append(metric(y[rows], scores[rows]))
    values = np.array(values)
    if np.isnan(values).mean() > 0.1:
        raise ValueError("undefined")
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(metric(y, scores)), float(low), float(high)


# %% wrong metric_interval: the level is fixed at 95 %
def metric_interval(metric, y, scores, rng, n_resamples=1000, level=0.95, stratified=False):
    y, scores = np.asarray(y), np.asarray(scores)
    if len(y) != len(scores) or len(y) == 0 or n_resamples < 1 or not 0 < level < 1:
        raise ValueError("bad input")
    pools = [np.flatnonzero(y == c) for c in np.unique(y)] if stratified else [np.arange(len(y))]
    values = []
    for _ in range(n_resamples):
        rows = np.concatenate([rng.choice(pool, len(pool)) for pool in pools])
        values.append(metric(y[rows], scores[rows]))
    values = np.array(values)
    if np.isnan(values).mean() > 0.1:
        raise ValueError("undefined")
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(metric(y, scores)), float(low), float(high)


# %% wrong metric_interval: the mean of the resamples as the estimate
def metric_interval(metric, y, scores, rng, n_resamples=1000, level=0.95, stratified=False):
    y, scores = np.asarray(y), np.asarray(scores)
    if len(y) != len(scores) or len(y) == 0 or n_resamples < 1 or not 0 < level < 1:
        raise ValueError("bad input")
    pools = [np.flatnonzero(y == c) for c in np.unique(y)] if stratified else [np.arange(len(y))]
    values = []
    for _ in range(n_resamples):
        rows = np.concatenate([rng.choice(pool, len(pool)) for pool in pools])
        values.append(metric(y[rows], scores[rows]))
    values = np.array(values)
    if np.isnan(values).mean() > 0.1:
        raise ValueError("undefined")
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(np.nanmean(values)), float(low), float(high)


# %% right metric_interval: all row numbers drawn first, the estimate computed first
def metric_interval(metric, y, scores, rng, n_resamples=1000, level=0.95, stratified=False):
    y, scores = np.array(y), np.array(scores)
    n = len(y)
    if n != len(scores):
        raise ValueError("as many scores as labels")
    if n == 0 or n_resamples < 1:
        raise ValueError("nothing to resample")
    if level <= 0 or level >= 1:
        raise ValueError("level is a share")
    estimate = float(metric(y, scores))
    draws = np.empty((n_resamples, n), dtype=int)
    for label in np.unique(y) if stratified else [None]:
        here = np.flatnonzero(y == label) if label is not None else np.arange(n)
        draws[:, here] = here[rng.integers(len(here), size=(n_resamples, len(here)))]
    values = [float(metric(y[rows], scores[rows])) for rows in draws]
    known = [v for v in values if v == v]
    if len(values) - len(known) > 0.1 * len(values):
        raise ValueError("undefined too often")
    ends = np.quantile(known, [0.5 - level / 2, 0.5 + level / 2])
    return estimate, float(ends[0]), float(ends[1])


# %% wrong slice_report: compares with the overall mean instead of the rows outside
def slice_report(table, values, min_rows=30):
    values = np.asarray(values, dtype=float)
    if len(values) != len(table) or np.isnan(values).any():
        raise ValueError("bad values")
    names = ["column", "level", "count", "mean", "low", "high", "p", "adjusted", "flagged"]
    found = []
    for column in table.columns:
        labels = np.array(["missing" if pd.isna(v) else str(v) for v in table[column]])
        for level in np.unique(labels):
            a = values[labels == level]
            if min(len(a), len(values) - len(a)) < min_rows:
                continue
            error = a.std(ddof=1) / np.sqrt(len(a))
            gap = a.mean() - values.mean()
            p = 2 * stats.norm.sf(abs(gap) / error) if error > 0 else float(gap == 0)
            ends = a.mean() - 1.96 * error, a.mean() + 1.96 * error
            found.append([column, str(level), len(a), a.mean(), *ends, p, 1.0, False])
    frame = pd.DataFrame(found, columns=names)
    if found:
        frame["adjusted"] = stats.false_discovery_control(frame["p"])
        frame["flagged"] = frame["adjusted"] <= 0.05
    return frame.sort_values("p", kind="stable", ignore_index=True)


# %% wrong slice_report: no correction, flags every p below 0.05
def slice_report(table, values, min_rows=30):
    values = np.asarray(values, dtype=float)
    if len(values) != len(table) or np.isnan(values).any():
        raise ValueError("bad values")
    names = ["column", "level", "count", "mean", "low", "high", "p", "adjusted", "flagged"]
    found = []
    for column in table.columns:
        labels = np.array(["missing" if pd.isna(v) else str(v) for v in table[column]])
        for level in np.unique(labels):
            a, b = values[labels == level], values[labels != level]
            if min(len(a), len(b)) < min_rows:
                continue
            own = a.var(ddof=1) / len(a)
            error = np.sqrt(own + b.var(ddof=1) / len(b))
            gap = a.mean() - b.mean()
            p = 2 * stats.norm.sf(abs(gap) / error) if error > 0 else float(gap == 0)
            half = 1.96 * np.sqrt(own)
            found.append(
                [
                    column,
                    str(level),
                    len(a),
                    a.mean(),
                    a.mean() - half,
                    a.mean() + half,
                    p,
                    p,
                    p <= 0.05,
                ]
            )
    return pd.DataFrame(found, columns=names).sort_values("p", kind="stable", ignore_index=True)


# %% wrong slice_report: corrects within each column
def slice_report(table, values, min_rows=30):
    values = np.asarray(values, dtype=float)
    if len(values) != len(table) or np.isnan(values).any():
        raise ValueError("bad values")
    names = ["column", "level", "count", "mean", "low", "high", "p", "adjusted", "flagged"]
    frames = []
    for column in table.columns:
        found = []
        labels = np.array(["missing" if pd.isna(v) else str(v) for v in table[column]])
        for level in np.unique(labels):
            a, b = values[labels == level], values[labels != level]
            if min(len(a), len(b)) < min_rows:
                continue
            own = a.var(ddof=1) / len(a)
            error = np.sqrt(own + b.var(ddof=1) / len(b))
            gap = a.mean() - b.mean()
            p = 2 * stats.norm.sf(abs(gap) / error) if error > 0 else float(gap == 0)
            half = 1.96 * np.sqrt(own)
            ends = a.mean() - half, a.mean() + half
            found.append([column, str(level), len(a), a.mean(), *ends, p, 1.0, False])
        if found:
            frame = pd.DataFrame(found, columns=names)
            frame["adjusted"] = stats.false_discovery_control(frame["p"])
            frame["flagged"] = frame["adjusted"] <= 0.05
            frames.append(frame)
    if not frames:
        return pd.DataFrame([], columns=names)
    return pd.concat(frames).sort_values("p", kind="stable", ignore_index=True)


# %% wrong slice_report: groupby on the index of the table, missing entries dropped
def slice_report(table, values, min_rows=30):
    values = np.asarray(values, dtype=float)
    if len(values) != len(table) or np.isnan(values).any():
        raise ValueError("bad values")
    names = ["column", "level", "count", "mean", "low", "high", "p", "adjusted", "flagged"]
    series, found = pd.Series(values, index=table.index), []
    for column in table.columns:
        text = table[column].dropna().astype(str)
        for level in sorted(text.unique()):
            here = text.index[text == level]
            a, b = series.loc[here].to_numpy(), series.drop(here).to_numpy()
            if min(len(a), len(b)) < min_rows:
                continue
            own = a.var(ddof=1) / len(a)
            error = np.sqrt(own + b.var(ddof=1) / len(b))
            gap = a.mean() - b.mean()
            p = 2 * stats.norm.sf(abs(gap) / error) if error > 0 else float(gap == 0)
            half = 1.96 * np.sqrt(own)
            ends = a.mean() - half, a.mean() + half
            found.append([column, str(level), len(a), a.mean(), *ends, p, 1.0, False])
    frame = pd.DataFrame(found, columns=names)
    if found:
        frame["adjusted"] = stats.false_discovery_control(frame["p"])
        frame["flagged"] = frame["adjusted"] <= 0.05
    return frame.sort_values("p", kind="stable", ignore_index=True)


# %% wrong slice_report: min_rows is checked inside only
def slice_report(table, values, min_rows=30):
    values = np.asarray(values, dtype=float)
    if len(values) != len(table) or np.isnan(values).any():
        raise ValueError("bad values")
    names = ["column", "level", "count", "mean", "low", "high", "p", "adjusted", "flagged"]
    found = []
    for column in table.columns:
        labels = np.array(["missing" if pd.isna(v) else str(v) for v in table[column]])
        for level in np.unique(labels):
            a, b = values[labels == level], values[labels != level]
            if len(a) < min_rows or len(b) < 2:
                continue
            own = a.var(ddof=1) / len(a)
            error = np.sqrt(own + b.var(ddof=1) / len(b))
            gap = a.mean() - b.mean()
            p = 2 * stats.norm.sf(abs(gap) / error) if error > 0 else float(gap == 0)
            half = 1.96 * np.sqrt(own)
            ends = a.mean() - half, a.mean() + half
            found.append([column, str(level), len(a), a.mean(), *ends, p, 1.0, False])
    frame = pd.DataFrame(found, columns=names)
    if found:
        frame["adjusted"] = stats.false_discovery_control(frame["p"])
        frame["flagged"] = frame["adjusted"] <= 0.05
    return frame.sort_values("p", kind="stable", ignore_index=True)


# %% right slice_report: dictionaries, and Benjamini–Hochberg by hand
def slice_report(table, values, min_rows=30):
    v = np.array(values, dtype=float)
    if len(v) != len(table) or not (v == v).all():
        raise ValueError("one value without NaN per row of the table")
    names = ["column", "level", "count", "mean", "low", "high", "p", "adjusted", "flagged"]
    rows = []
    for column in table:
        entries = table[column].tolist()
        text = np.array(["missing" if pd.isnull(e) else f"{e}" for e in entries], dtype=object)
        for level in sorted(set(text)):
            mask = text == level
            n1, n0 = int(mask.sum()), int((~mask).sum())
            if n1 < min_rows or n0 < min_rows:
                continue
            se1, se0 = (np.std(v[m], ddof=1) / np.sqrt(m.sum()) for m in (mask, ~mask))
            mean, gap = v[mask].mean(), v[mask].mean() - v[~mask].mean()
            both = np.hypot(se1, se0)
            p = (1.0 if gap == 0 else 0.0) if both == 0 else 2 * stats.norm.cdf(-abs(gap / both))
            row = {"column": column, "level": str(level), "count": n1, "mean": float(mean)}
            row |= {"low": mean - 1.96 * se1, "high": mean + 1.96 * se1, "p": float(p)}
            rows.append(row)
    rows.sort(key=lambda row: row["p"])
    best = 1.0
    for place in range(len(rows), 0, -1):
        best = min(best, rows[place - 1]["p"] * len(rows) / place)
        rows[place - 1] |= {"adjusted": best, "flagged": bool(best <= 0.05)}
    return pd.DataFrame(rows, columns=names)


# %% wrong compare_folds: the plain paired t-test
def compare_folds(a, b, n_train, n_test, level=0.95):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2 or n_train <= 0 or n_test <= 0:
        raise ValueError("bad input")
    if not 0 < level < 1:
        raise ValueError("level")
    d = b - a
    mean = float(d.mean())
    if np.ptp(d) == 0:
        return mean, mean, mean, float(mean == 0)
    error = d.std(ddof=1) / np.sqrt(len(d))
    half = float(stats.t.ppf((1 + level) / 2, len(d) - 1) * error)
    return mean, mean - half, mean + half, float(2 * stats.t.sf(abs(mean) / error, len(d) - 1))


# %% wrong compare_folds: a minus b
def compare_folds(a, b, n_train, n_test, level=0.95):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2 or n_train <= 0 or n_test <= 0:
        raise ValueError("bad input")
    if not 0 < level < 1:
        raise ValueError("level")
    d = a - b
    mean = float(d.mean())
    if np.ptp(d) == 0:
        return mean, mean, mean, float(mean == 0)
    error = np.sqrt((1 / len(d) + n_test / n_train) * d.var(ddof=1))
    half = float(stats.t.ppf((1 + level) / 2, len(d) - 1) * error)
    return mean, mean - half, mean + half, float(2 * stats.t.sf(abs(mean) / error, len(d) - 1))


# %% wrong compare_folds: the normal quantile 1.96 for every level and number of folds
def compare_folds(a, b, n_train, n_test, level=0.95):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2 or n_train <= 0 or n_test <= 0:
        raise ValueError("bad input")
    if not 0 < level < 1:
        raise ValueError("level")
    d = b - a
    mean = float(d.mean())
    if np.ptp(d) == 0:
        return mean, mean, mean, float(mean == 0)
    error = np.sqrt((1 / len(d) + n_test / n_train) * d.var(ddof=1))
    half = float(1.96 * error)
    return mean, mean - half, mean + half, float(2 * stats.norm.sf(abs(mean) / error))


# %% wrong compare_folds: ignores the level
def compare_folds(a, b, n_train, n_test, level=0.95):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2 or n_train <= 0 or n_test <= 0:
        raise ValueError("bad input")
    if not 0 < level < 1:
        raise ValueError("level")
    d = b - a
    mean = float(d.mean())
    if np.ptp(d) == 0:
        return mean, mean, mean, float(mean == 0)
    error = np.sqrt((1 / len(d) + n_test / n_train) * d.var(ddof=1))
    half = float(stats.t.ppf(0.975, len(d) - 1) * error)
    return mean, mean - half, mean + half, float(2 * stats.t.sf(abs(mean) / error, len(d) - 1))


# %% wrong compare_folds: divides by zero when all differences are equal
def compare_folds(a, b, n_train, n_test, level=0.95):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2 or n_train <= 0 or n_test <= 0:
        raise ValueError("bad input")
    if not 0 < level < 1:
        raise ValueError("level")
    d = b - a
    mean = float(d.mean())
    error = np.sqrt((1 / len(d) + n_test / n_train) * d.var(ddof=1))
    half = float(stats.t.ppf((1 + level) / 2, len(d) - 1) * error)
    return mean, mean - half, mean + half, float(2 * stats.t.sf(abs(mean) / error, len(d) - 1))


# %% right compare_folds: the inflated variance first, the interval from scipy
def compare_folds(a, b, n_train, n_test, level=0.95):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape or a.size < 2:
        raise ValueError("two vectors of one length")
    if min(n_train, n_test) <= 0 or level <= 0 or level >= 1:
        raise ValueError("rows and level")
    d = b - a
    mean, count = np.mean(d), d.size
    variance = np.sum((d - mean) ** 2) / (count - 1)
    if variance == 0:
        return (float(mean),) * 3 + (1.0 if mean == 0 else 0.0,)
    scale = np.sqrt(variance * (n_train + count * n_test) / (count * n_train))
    low, high = stats.t.interval(level, count - 1, loc=mean, scale=scale)
    return (
        float(mean),
        float(low),
        float(high),
        float(2 * stats.t.cdf(-abs(mean / scale), count - 1)),
    )
