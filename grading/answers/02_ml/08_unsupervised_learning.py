"""Known answers of lesson 2.8 Unsupervised learning.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong lloyd_kmeans: an empty centre becomes NaN
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.array(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = np.stack([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        inertias.append(nearest.sum())
        if before is not None and np.array_equal(labels, before):
            break
        iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0)
    return labels, centres, np.array(inertias)


# %% wrong lloyd_kmeans: an empty centre stays where it is
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.array(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = np.stack([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        inertias.append(nearest.sum())
        if before is not None and np.array_equal(labels, before):
            break
        iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0) if mine.any() else centres[j]
    return labels, centres, np.array(inertias)


# %% wrong lloyd_kmeans: two empty centres go to the same row
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.array(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = np.stack([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        inertias.append(nearest.sum())
        if before is not None and np.array_equal(labels, before):
            break
        iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0) if mine.any() else X[nearest.argmax()]
    return labels, centres, np.array(inertias)


# %% wrong lloyd_kmeans: expands the square
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.array(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = (X**2).sum(1)[:, None] - 2 * X @ centres.T + (centres**2).sum(1)
        before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        inertias.append(nearest.sum())
        if before is not None and np.array_equal(labels, before):
            break
        spare = iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0) if mine.any() else X[next(spare)]
    return labels, centres, np.array(inertias)


# %% wrong lloyd_kmeans: moves the caller's centres
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.asarray(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = np.stack([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        inertias.append(nearest.sum())
        if before is not None and np.array_equal(labels, before):
            break
        spare = iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0) if mine.any() else X[next(spare)]
    return labels, centres, np.array(inertias)


# %% wrong lloyd_kmeans: records plain distances, not squared
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.array(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = np.stack([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        inertias.append(np.sqrt(nearest).sum())
        if before is not None and np.array_equal(labels, before):
            break
        spare = iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0) if mine.any() else X[next(spare)]
    return labels, centres, np.array(inertias)


# %% wrong lloyd_kmeans: records the inertia after the move
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.array(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = np.stack([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        if before is not None and np.array_equal(labels, before):
            break
        spare = iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0) if mine.any() else X[next(spare)]
        inertias.append(((X - centres[labels]) ** 2).sum())
    return labels, centres, np.array(inertias)


# %% wrong lloyd_kmeans: stops when the centres move little
def lloyd(X, centres, max_rounds=300):
    X, centres = np.asarray(X, dtype=float), np.array(centres, dtype=float)
    if X.shape[1] != centres.shape[1]:
        raise ValueError(f"rows have {X.shape[1]} columns, centres {centres.shape[1]}")
    if len(centres) > len(X):
        raise ValueError(f"{len(centres)} clusters of {len(X)} rows")
    labels, inertias = None, []
    for _ in range(max_rounds):
        squares = np.stack([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        _before, labels, nearest = labels, squares.argmin(axis=1), squares.min(axis=1)
        inertias.append(nearest.sum())
        old = centres.copy()
        spare = iter(np.argsort(-nearest, kind="stable"))
        for j in range(len(centres)):
            mine = labels == j
            centres[j] = X[mine].mean(axis=0) if mine.any() else X[next(spare)]
        if np.abs(centres - old).max() < 0.1:
            break
    return labels, centres, np.array(inertias)


# %% right lloyd_kmeans: all differences at once, means by bincount
def lloyd(X, centres, max_rounds=300):
    X, centres = np.array(X, dtype=float), np.array(centres, dtype=float)
    k, record, last = len(centres), [], None
    if centres.shape[1] != X.shape[1] or k > len(X):
        raise ValueError("shapes")
    while len(record) < max_rounds:
        d = ((X[:, None, :] - centres[None]) ** 2).sum(axis=2)
        now = d.argmin(axis=1)
        best = d[np.arange(len(X)), now]
        record.append(float(best.sum()))
        if last is not None and (now == last).all():
            break
        last = now
        size = np.bincount(now, minlength=k)
        middle = X.mean(axis=0)
        sums = np.stack([np.bincount(now, weights=c, minlength=k) for c in (X - middle).T], axis=1)
        moved = sums / np.maximum(size, 1)[:, None] + middle
        empty = np.flatnonzero(size == 0)
        moved[empty] = X[np.lexsort((np.arange(len(X)), -best))[: len(empty)]]
        centres = moved
    return now, centres, np.array(record)


# %% wrong kmeans_plus_plus: draws by the distance, not its square
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = np.sqrt(((X - X[chosen[0]]) ** 2).sum(axis=1))
    while len(chosen) < k:
        if not squares.max() > 0:
            raise ValueError(f"X has fewer than {k} different rows")
        total = np.cumsum(squares)
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
        squares = np.minimum(squares, np.sqrt(((X - X[chosen[-1]]) ** 2).sum(axis=1)))
    return np.array(chosen)


# %% wrong kmeans_plus_plus: looks at the last centre only
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        if not squares.max() > 0:
            raise ValueError(f"X has fewer than {k} different rows")
        total = np.cumsum(squares)
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
        squares = ((X - X[chosen[-1]]) ** 2).sum(axis=1)
    return np.array(chosen)


# %% wrong kmeans_plus_plus: takes the farthest row
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        if not squares.max() > 0:
            raise ValueError(f"X has fewer than {k} different rows")
        np.cumsum(squares)
        chosen.append(int(squares.argmax()))
        squares = np.minimum(squares, ((X - X[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)


# %% wrong kmeans_plus_plus: draws rows uniformly
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        if len(np.unique(X, axis=0)) < k:
            raise ValueError("too few rows")
        np.cumsum(squares)
        chosen.append(int(rng.integers(len(X))))
        squares = np.minimum(squares, ((X - X[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)


# %% wrong kmeans_plus_plus: returns the coordinates
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        if not squares.max() > 0:
            raise ValueError(f"X has fewer than {k} different rows")
        total = np.cumsum(squares)
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
        squares = np.minimum(squares, ((X - X[chosen[-1]]) ** 2).sum(axis=1))
    return X[chosen]


# %% wrong kmeans_plus_plus: uses a generator of its own
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    rng = np.random.default_rng(0)
    chosen = [int(rng.integers(len(X)))]
    squares = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        if not squares.max() > 0:
            raise ValueError(f"X has fewer than {k} different rows")
        total = np.cumsum(squares)
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
        squares = np.minimum(squares, ((X - X[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)


# %% wrong kmeans_plus_plus: adds the distances to all centres
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        if not squares.max() > 0:
            raise ValueError(f"X has fewer than {k} different rows")
        total = np.cumsum(squares)
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
        squares = squares + ((X - X[chosen[-1]]) ** 2).sum(axis=1)
    return np.array(chosen)


# %% wrong kmeans_plus_plus: lets rng.choice fail with NaN for too few different rows
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        total = np.cumsum(squares)
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
        squares = np.minimum(squares, ((X - X[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)


# %% wrong kmeans_plus_plus: expands the square
def plus_plus(X, k, rng):
    X = np.asarray(X, dtype=float)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = [int(rng.integers(len(X)))]
    squares = np.maximum((X**2).sum(1) - 2 * X @ X[chosen[0]] + (X[chosen[0]] ** 2).sum(), 0)
    while len(chosen) < k:
        if not squares.max() > 0:
            raise ValueError(f"X has fewer than {k} different rows")
        total = np.cumsum(squares)
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
        squares = np.minimum(
            squares,
            np.maximum((X**2).sum(1) - 2 * X @ X[chosen[-1]] + (X[chosen[-1]] ** 2).sum(), 0),
        )
    return np.array(chosen)


# %% right kmeans_plus_plus: rng.choice with probabilities
def plus_plus(X, k, rng):
    if k < 1 or len(np.unique(X, axis=0)) < k:
        raise ValueError("not enough different rows")
    rows = [int(rng.integers(len(X)))]
    for _ in range(k - 1):
        D = cdist(X, X[rows]).min(axis=1) ** 2
        rows.append(int(rng.choice(len(X), p=D / D.sum())))
    return np.asarray(rows)


# %% wrong silhouette_values: counts the row itself in its own mean
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    sums = cdist(X, X) @ (codes[:, None] == np.arange(len(names))).astype(float)
    rows = np.arange(n)
    a = sums[rows, codes] / counts[codes]
    means = sums / counts
    means[rows, codes] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    inside = (counts[codes] > 1) & (larger > 0)
    return np.divide(b - a, larger, out=np.zeros(n), where=inside)


# %% wrong silhouette_values: squared distances
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    sums = cdist(X, X) ** 2 @ (codes[:, None] == np.arange(len(names))).astype(float)
    rows = np.arange(n)
    a = sums[rows, codes] / np.maximum(counts[codes] - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    inside = (counts[codes] > 1) & (larger > 0)
    return np.divide(b - a, larger, out=np.zeros(n), where=inside)


# %% wrong silhouette_values: singletons get 1
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    sums = cdist(X, X) @ (codes[:, None] == np.arange(len(names))).astype(float)
    rows = np.arange(n)
    a = sums[rows, codes] / np.maximum(counts[codes] - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    inside = (counts[codes] > 1) & (larger > 0)
    return np.where(
        counts[codes] == 1, 1.0, np.divide(b - a, larger, out=np.zeros(n), where=inside)
    )


# %% wrong silhouette_values: distance to centres (the simplified silhouette)
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    centres = np.stack([X[codes == j].mean(axis=0) for j in range(len(names))])
    sums = cdist(X, centres) * counts
    rows = np.arange(n)
    a = sums[rows, codes] / counts[codes]
    means = sums / counts
    means[rows, codes] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    inside = (counts[codes] > 1) & (larger > 0)
    return np.divide(b - a, larger, out=np.zeros(n), where=inside)


# %% wrong silhouette_values: b is the mean over all rows of other clusters
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    sums = cdist(X, X) @ (codes[:, None] == np.arange(len(names))).astype(float)
    rows = np.arange(n)
    a = sums[rows, codes] / np.maximum(counts[codes] - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    b = (sums.sum(axis=1) - sums[rows, codes]) / (n - counts[codes])
    larger = np.maximum(a, b)
    inside = (counts[codes] > 1) & (larger > 0)
    return np.divide(b - a, larger, out=np.zeros(n), where=inside)


# %% wrong silhouette_values: b is the nearest single row of another cluster
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    sums = cdist(X, X) @ (codes[:, None] == np.arange(len(names))).astype(float)
    rows = np.arange(n)
    a = sums[rows, codes] / np.maximum(counts[codes] - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    b = np.where(codes[:, None] == codes, np.inf, cdist(X, X)).min(axis=1)
    larger = np.maximum(a, b)
    inside = (counts[codes] > 1) & (larger > 0)
    return np.divide(b - a, larger, out=np.zeros(n), where=inside)


# %% wrong silhouette_values: 0/0 for equal rows is NaN
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    sums = cdist(X, X) @ (codes[:, None] == np.arange(len(names))).astype(float)
    rows = np.arange(n)
    a = sums[rows, codes] / np.maximum(counts[codes] - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    with np.errstate(all="ignore"):
        values = (b - a) / larger
    return np.where(counts[codes] > 1, values, 0.0)


# %% wrong silhouette_values: expands the square in the distances
def silhouette(X, labels):
    X = np.asarray(X, dtype=float)
    names, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    n = len(X)
    if len(codes) != n:
        raise ValueError(f"{len(codes)} labels for {n} rows")
    if len(names) < 2:
        raise ValueError("a silhouette compares clusters: there must be at least two")
    sums = np.sqrt(np.maximum((X**2).sum(1)[:, None] - 2 * X @ X.T + (X**2).sum(1), 0)) @ (
        codes[:, None] == np.arange(len(names))
    ).astype(float)
    rows = np.arange(n)
    a = sums[rows, codes] / np.maximum(counts[codes] - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    inside = (counts[codes] > 1) & (larger > 0)
    return np.divide(b - a, larger, out=np.zeros(n), where=inside)


# %% right silhouette_values: a loop over rows
def silhouette(X, labels):
    labels = np.array(list(labels))
    if len(labels) != len(X) or len(set(labels.tolist())) < 2:
        raise ValueError("labels")
    values = np.zeros(len(X))
    for i in range(len(X)):
        d = np.linalg.norm(X - X[i], axis=1)
        own = labels == labels[i]
        if own.sum() == 1:
            continue
        a = d[own].sum() / (own.sum() - 1)
        b = min(d[labels == other].mean() for other in set(labels[~own].tolist()))
        values[i] = (b - a) / max(a, b) if max(a, b) > 0 else 0.0
    return values


# %% wrong cluster_stability: the plain Rand index
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    A * B / (len(a) * (len(a) - 1) / 2)
    (A + B) / 2
    total = len(a) * (len(a) - 1) / 2
    return (total + 2 * pairs(cells) - A - B) / total


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X)) for _ in range(2)]
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: compares the numbers of the clusters
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    A * B / (len(a) * (len(a) - 1) / 2)
    (A + B) / 2
    return float(np.mean(u == v))


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X)) for _ in range(2)]
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: NaN for trivial labellings
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    expected = A * B / (len(a) * (len(a) - 1) / 2)
    best = (A + B) / 2
    return (
        float(np.divide(pairs(cells) - expected, best - expected))
        if best != expected
        else float("nan")
    )


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X)) for _ in range(2)]
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: 0 for trivial labellings
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    expected = A * B / (len(a) * (len(a) - 1) / 2)
    best = (A + B) / 2
    return 0.0 if best == expected else (pairs(cells) - expected) / (best - expected)


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X)) for _ in range(2)]
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: labels of the resamples, not of the same rows
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    expected = A * B / (len(a) * (len(a) - 1) / 2)
    best = (A + B) / 2
    return 1.0 if best == expected else (pairs(cells) - expected) / (best - expected)


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X)) for _ in range(2)]
        values[i] = adjusted_rand(*(nearest(X[r], fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: one resample for both fits
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    expected = A * B / (len(a) * (len(a) - 1) / 2)
    best = (A + B) / 2
    return 1.0 if best == expected else (pairs(cells) - expected) / (best - expected)


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X))] * 2
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: compares resamples with the full data
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    expected = A * B / (len(a) * (len(a) - 1) / 2)
    best = (A + B) / 2
    return 1.0 if best == expected else (pairs(cells) - expected) / (best - expected)


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X)), np.arange(len(X))]
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: draws without replacement
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    expected = A * B / (len(a) * (len(a) - 1) / 2)
    best = (A + B) / 2
    return 1.0 if best == expected else (pairs(cells) - expected) / (best - expected)


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.permutation(len(X))[: len(X) // 2] for _ in range(2)]
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% wrong cluster_stability: 32-bit numbers of pairs overflow
def adjusted_rand(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"two labellings of the same rows, at least two; got {len(a)} and {len(b)}"
        )
    u, v = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    cells = np.bincount(u * (v.max() + 1) + v)

    def pairs(counts):
        counts = counts.astype(np.int32)
        return float((counts * (counts - 1) // 2).sum(dtype=np.int32))

    A, B = pairs(np.bincount(u)), pairs(np.bincount(v))
    expected = A * B / (len(a) * (len(a) - 1) / 2)
    best = (A + B) / 2
    return 1.0 if best == expected else (pairs(cells) - expected) / (best - expected)


def stability(X, k, n_pairs, rng):
    values = np.empty(n_pairs)
    for i in range(n_pairs):
        rows = [rng.integers(len(X), size=len(X)) for _ in range(2)]
        values[i] = adjusted_rand(*(nearest(X, fit_centres(X[r], k)) for r in rows))
    return values


# %% right cluster_stability: crosstab and comb
def adjusted_rand(a, b):
    from math import comb

    a, b = list(a), list(b)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError("labels")
    table = pd.crosstab(np.array(a), np.array(b)).to_numpy()
    S = sum(comb(int(m), 2) for m in table.ravel())
    A = sum(comb(int(m), 2) for m in table.sum(axis=1))
    B = sum(comb(int(m), 2) for m in table.sum(axis=0))
    total = comb(len(a), 2)
    if (A + B) * total == 2 * A * B:
        return 1.0
    return (S * total - A * B) / ((A + B) * total / 2 - A * B)


def stability(X, k, n_pairs, rng):
    out = []
    for _ in range(n_pairs):
        rows_a = rng.integers(len(X), size=len(X))
        rows_b = rng.integers(len(X), size=len(X))
        one, two = fit_centres(X[rows_a], k), fit_centres(X[rows_b], k)
        out.append(adjusted_rand(nearest(X, one), nearest(X, two)))
    return np.array(out)


# %% wrong split_report: clusters all orders, judges on the second half
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = rng.binomial(whole, 0.5)
    second = whole - first
    labels = nearest(np.sqrt(counts), fit_centres(np.sqrt(counts), k))
    explained = explained_share(np.sqrt(second), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: judges on the half that made the clusters
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = rng.binomial(whole, 0.5)
    second = whole - first
    labels = nearest(np.sqrt(first), fit_centres(np.sqrt(first), k))
    explained = explained_share(np.sqrt(first), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: judges on all orders
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = rng.binomial(whole, 0.5)
    second = whole - first
    labels = nearest(np.sqrt(first), fit_centres(np.sqrt(first), k))
    explained = explained_share(np.sqrt(counts), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: halves the counts
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = whole // 2 + rng.integers(0, 2, size=whole.shape) * (whole % 2)
    second = whole - first
    labels = nearest(np.sqrt(first), fit_centres(np.sqrt(first), k))
    explained = explained_share(np.sqrt(second), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: deals whole days to one half
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = whole * rng.integers(0, 2, size=(len(whole), 1))
    second = whole - first
    labels = nearest(np.sqrt(first), fit_centres(np.sqrt(first), k))
    explained = explained_share(np.sqrt(second), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: forgets the square root
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = rng.binomial(whole, 0.5)
    second = whole - first
    labels = nearest(first.astype(float), fit_centres(first.astype(float), k))
    explained = explained_share(np.sqrt(second), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: uses a generator of its own
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = np.random.default_rng(0).binomial(whole, 0.5)
    second = whole - first
    labels = nearest(np.sqrt(first), fit_centres(np.sqrt(first), k))
    explained = explained_share(np.sqrt(second), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: cuts fractions off instead of refusing them
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = rng.binomial(whole, 0.5)
    second = whole - first
    labels = nearest(np.sqrt(first), fit_centres(np.sqrt(first), k))
    explained = explained_share(np.sqrt(second), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% wrong split_report: draws both halves anew
def split_report(counts, k, rng):
    counts = np.asarray(counts)
    whole = counts.astype(np.int64)
    if (counts < 0).any() or (whole != counts).any():
        raise ValueError("counts are whole numbers, at least 0")
    first = rng.binomial(whole, 0.5)
    second = rng.binomial(whole, 0.5)
    labels = nearest(np.sqrt(first), fit_centres(np.sqrt(first), k))
    explained = explained_share(np.sqrt(second), labels)
    return {"first": first, "second": second, "labels": labels, "explained": explained}


# %% right split_report: coins one by one
def split_report(counts, k, rng):
    if np.any(counts < 0) or np.any(np.mod(counts, 1) != 0):
        raise ValueError("counts")
    counts = np.array(counts).astype(int)
    coins = rng.integers(0, 2, size=(*counts.shape, max(int(counts.max()), 1)))
    first = (coins * (np.arange(coins.shape[2]) < counts[..., None])).sum(axis=2)
    seen, kept_back = first**0.5, (counts - first) ** 0.5
    labels = nearest(seen, fit_centres(seen, k))
    return dict(
        explained=explained_share(kept_back, labels),
        labels=labels,
        first=first,
        second=counts - first,
    )


# %% wrong em_steps: leaves the logarithms: densities underflow
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    with np.errstate(all="ignore"):
        p = np.exp(table)
        return np.log(p.sum(axis=1)), p / p.sum(axis=1, keepdims=True)


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% wrong em_steps: forgets the weights
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    log_density = logsumexp(table, axis=1)
    return log_density, np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% wrong em_steps: the determinant counts twice
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = (
            -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - 2 * np.log(np.diag(L)).sum()
        )
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return log_density, np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% wrong em_steps: the largest component instead of the sum
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return table.max(axis=1), np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% wrong em_steps: hard labels in place of responsibilities
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return log_density, (table == table.max(axis=1, keepdims=True)).astype(float)


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% wrong em_steps: covariances around the mean of all rows
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return log_density, np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - X.mean(axis=0)
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% wrong em_steps: covariances divided by n
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return log_density, np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / len(X) + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% wrong em_steps: the floor on every entry
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return log_density, np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor
    return N / len(X), means, covariances


# %% wrong em_steps: covariance as mean of squares minus square of the mean
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        L = np.linalg.cholesky(covariance)
        z = np.linalg.solve(L, (X - mean).T)
        table[:, j] = -0.5 * ((z**2).sum(axis=0) + d * np.log(2 * np.pi)) - np.log(np.diag(L)).sum()
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return log_density, np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        covariances[j] = (
            (R[:, j, None] * X).T @ X / N[j]
            - np.outer(means[j], means[j])
            + floor * np.eye(X.shape[1])
        )
    return N / len(X), means, covariances


# %% wrong em_steps: pinv and slogdet accept a singular covariance
def e_step(X, weights, means, covariances):
    n, d = X.shape
    table = np.empty((n, len(weights)))
    for j, (mean, covariance) in enumerate(zip(means, covariances)):
        gap = X - mean
        square = (gap @ np.linalg.pinv(covariance) * gap).sum(axis=1)
        logdet = np.linalg.slogdet(covariance)[1]
        table[:, j] = -0.5 * (square + d * np.log(2 * np.pi) + logdet)
    with np.errstate(divide="ignore"):
        table += np.log(weights)
    log_density = logsumexp(table, axis=1)
    return log_density, np.exp(table - log_density[:, None])


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if not (N > 0).all():
        raise ValueError("a component has no responsibility for any row")
    means = R.T @ X / N[:, None]
    covariances = np.empty((len(N), X.shape[1], X.shape[1]))
    for j in range(len(N)):
        centred = X - means[j]
        covariances[j] = (R[:, j, None] * centred).T @ centred / N[j] + floor * np.eye(X.shape[1])
    return N / len(X), means, covariances


# %% right em_steps: scipy's densities, einsum
def e_step(X, weights, means, covariances):
    columns = []
    for w, m, C in zip(weights, means, covariances):
        if not (np.linalg.eigvalsh(C) > 0).all() or np.linalg.matrix_rank(C) < len(C):
            raise ValueError("not positive definite")
        sign, logdet = np.linalg.slogdet(C)
        gap = X - m
        square = np.einsum("na,ab,nb->n", gap, np.linalg.inv(C), gap)
        log_w = np.log(w) if w > 0 else -np.inf
        columns.append(log_w - (square + logdet + X.shape[1] * np.log(2 * np.pi)) / 2)
    table = np.column_stack(columns)
    top = table.max(axis=1, keepdims=True)
    shifted = np.exp(table - top)
    total = shifted.sum(axis=1, keepdims=True)
    return (top + np.log(total))[:, 0], shifted / total


def m_step(X, R, floor=0.0):
    N = R.sum(axis=0)
    if np.any(N == 0):
        raise ValueError("empty component")
    means = np.einsum("nk,nd->kd", R, X) / N[:, None]
    gaps = X[:, None, :] - means
    covariances = np.einsum("nk,nka,nkb->kab", R, gaps, gaps) / N[:, None, None]
    return N / N.sum(), means, covariances + floor * np.eye(X.shape[1])


# %% wrong robust_distance: classical: mean and covariance of all rows
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.arange(n)
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% wrong robust_distance: stops after the first round
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(1):
        rows = np.sort(np.argsort(score, kind="stable")[: int(np.ceil(share * n))])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% wrong robust_distance: rows once dropped never come back
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(
            np.argsort(
                score if before is None else np.where(np.isin(np.arange(n), before), score, np.inf),
                kind="stable",
            )[: int(np.ceil(share * n))]
        )
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% wrong robust_distance: only the variances of C
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(np.argsort(score, kind="stable")[: int(np.ceil(share * n))])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        C = np.diag(np.diag(C))
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% wrong robust_distance: squared distances
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(np.argsort(score, kind="stable")[: int(np.ceil(share * n))])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = score
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% wrong robust_distance: does not scale to the median
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(np.argsort(score, kind="stable")[: int(np.ceil(share * n))])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances, np.isin(np.arange(n), before)


# %% wrong robust_distance: scales the median to 1
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(np.argsort(score, kind="stable")[: int(np.ceil(share * n))])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances / np.median(distances), np.isin(np.arange(n), before)


# %% wrong robust_distance: rounds h down
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(np.argsort(score, kind="stable")[: int(share * n)])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% wrong robust_distance: starts from means and standard deviations
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - X.mean(axis=0))
    spread = np.where(np.median(np.abs(X - np.median(X, axis=0)), axis=0) > 0, X.std(axis=0), 0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(np.argsort(score, kind="stable")[: int(np.ceil(share * n))])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% wrong robust_distance: breaks ties at random
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.asarray(X, dtype=float)
    n, d = X.shape
    if not 0.5 < share <= 1:
        raise ValueError(f"share must be above 0.5 and at most 1, got {share}")
    offset = np.abs(X - np.median(X, axis=0))
    spread = 1.4826 * np.median(offset, axis=0)
    if (spread == 0).any():
        raise ValueError("more than half of a column's values are equal: its MAD is 0")
    score, before = ((offset / spread) ** 2).sum(axis=1), None
    for _ in range(max_rounds):
        rows = np.sort(np.lexsort((-np.arange(n), score))[: int(np.ceil(share * n))])
        if before is not None and np.array_equal(rows, before):
            break
        before, centred = rows, X - X[rows].mean(axis=0)
        C = centred[rows].T @ centred[rows] / len(rows)
        if np.linalg.matrix_rank(C) < d:
            raise ValueError("the kept rows lie in a plane: their covariance is singular")
        score = (centred * np.linalg.solve(C, centred.T).T).sum(axis=1)
    distances = np.sqrt(score)
    return distances * np.sqrt(stats.chi2.ppf(0.5, d)) / np.median(distances), np.isin(
        np.arange(n), before
    )


# %% right robust_distance: np.cov and an explicit inverse
def robust_distances(X, share=0.75, max_rounds=50):
    X = np.array(X, dtype=float)
    if share <= 0.5 or share > 1:
        raise ValueError("share")
    middle = np.median(X, axis=0)
    mad = np.median(np.abs(X - middle), axis=0)
    if not np.all(mad):
        raise ValueError("MAD 0")
    h = int(np.ceil(share * len(X)))
    score = np.sum(((X - middle) / mad / 1.4826) ** 2, axis=1)
    kept = np.zeros(len(X), dtype=bool)
    for _ in range(max_rounds):
        new = np.zeros(len(X), dtype=bool)
        new[np.lexsort((np.arange(len(X)), score))[:h]] = True
        if (new == kept).all():
            break
        kept = new
        C = np.cov(X[kept], rowvar=False, bias=True).reshape(X.shape[1], X.shape[1])
        if np.linalg.matrix_rank(C) < X.shape[1]:
            raise ValueError("singular")
        gap = X - X[kept].mean(axis=0)
        score = np.einsum("na,ab,nb->n", gap, np.linalg.inv(C), gap)
    return np.sqrt(score * stats.chi2(X.shape[1]).median() / np.median(np.sqrt(score)) ** 2), kept


# %% strong segments_memo: no customers, the circle, both findings with numbers, the weekday
"""
There are no customer segments in this table, because it does not say who bought: each order
stands alone. If you want them, we have to record something that links orders, such as a loyalty
card. What I could group are days.

About the consultant's slide: if you sort days by their numbers and then compare those same
numbers, the groups always differ "significantly". I gave the method made-up days that are all
alike. Every shift came out significant, and up to half of the variation was "explained". Checked
against orders that the method had not seen, it was 1 %.

In orders per day, pizzas per order and price, I find little beyond one big cloud (about one in
ten tables without groups looks as good), so weak groups remain possible. By shift, days do
differ: on unseen orders, the weekday explains about 40 % of the lunch business and 30 % of the
late one; computed clusters only 8 % and 6 %.

My advice: schedule by weekday, with extra rules for holidays. A cluster tells you at midnight
what you needed to know last week. The data are synthetic and cover one year, so let us first
repeat the check with your own orders of the last two years.
"""


# %% weak segments_memo: repeats the slide, promises customers, no twin
"""
Our analysis shows four segments of days. We used k-means, which is a standard method, and checked
the result with silhouette (0.27), stability (0.6) and significance tests, which were all positive
(p < 0.0001). The four segments are: quiet days, normal days, busy days and days with large
orders. Customers on quiet days should receive a discount, and customers with large orders a
loyalty offer. The staff should be planned by the segment of the day. In a next step we could use
deep learning to find further segments and improve the accuracy of the clustering.
"""
