"""Known answers of lesson 2.1 Supervised learning.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong stratified_split: shuffles all rows and ignores the classes
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    order = rng.permutation(len(y))
    count = int(np.floor(test_share * len(y) + 0.5))
    return np.sort(order[count:]), np.sort(order[:count])


# %% wrong stratified_split: takes the first rows of every class, without a draw
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    test = []
    for label, m in zip(labels, counts):
        take = min(max(int(np.floor(test_share * m + 0.5)), 1), m - 1)
        test.extend(np.flatnonzero(y == label)[:take])
    test = np.sort(np.array(test))
    return np.setdiff1d(np.arange(len(y)), test), test


# %% wrong stratified_split: rounds halves to even with round()
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    test = []
    for label, m in zip(labels, counts):
        take = min(max(int(round(test_share * m)), 1), m - 1)
        test.extend(rng.permutation(np.flatnonzero(y == label))[:take])
    test = np.sort(np.array(test))
    return np.setdiff1d(np.arange(len(y)), test), test


# %% wrong stratified_split: lets a small class have no test row
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    test = []
    for label, m in zip(labels, counts):
        take = int(np.floor(test_share * m + 0.5))
        test.extend(rng.permutation(np.flatnonzero(y == label))[:take])
    test = np.sort(np.array(test, dtype=int))
    return np.setdiff1d(np.arange(len(y)), test), test


# %% wrong stratified_split: makes its own generator with a fixed seed
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    rng = np.random.default_rng(0)
    test = []
    for label, m in zip(labels, counts):
        take = min(max(int(np.floor(test_share * m + 0.5)), 1), m - 1)
        test.extend(rng.permutation(np.flatnonzero(y == label))[:take])
    test = np.sort(np.array(test))
    return np.setdiff1d(np.arange(len(y)), test), test


# %% wrong stratified_split: draws with replacement, so rows can be missing
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    test = []
    for label, m in zip(labels, counts):
        take = min(max(int(np.floor(test_share * m + 0.5)), 1), m - 1)
        test.extend(rng.choice(np.flatnonzero(y == label), size=take))
    test = np.sort(np.array(test))
    return np.setdiff1d(np.arange(len(y)), test), test


# %% wrong stratified_split: leaves the rows in the order of the draw
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    test = []
    for label, m in zip(labels, counts):
        take = min(max(int(np.floor(test_share * m + 0.5)), 1), m - 1)
        test.extend(rng.permutation(np.flatnonzero(y == label))[:take])
    test = np.array(test)
    return np.setdiff1d(np.arange(len(y)), test), test


# %% wrong stratified_split: accepts a class with a single row
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    if not 0 < test_share < 1 or len(y) == 0:
        raise ValueError("cannot split")
    test = []
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        take = max(min(int(np.floor(test_share * len(rows) + 0.5)), len(rows) - 1), 1)
        test.extend(rows[:take])
    test = np.sort(np.array(test))
    return np.setdiff1d(np.arange(len(y)), test), test


# %% right stratified_split: a mask, and choice without replacement
def stratified_split(y, test_share, rng):
    y = np.array(list(y))
    if test_share <= 0 or test_share >= 1:
        raise ValueError("test_share")
    if y.size == 0:
        raise ValueError("empty")
    chosen = np.zeros(y.size, dtype=bool)
    for label in sorted(set(y.tolist())):
        rows = np.nonzero(y == label)[0]
        if rows.size < 2:
            raise ValueError("a class with one row")
        count = int(np.clip(np.floor(test_share * rows.size + 0.5), 1, rows.size - 1))
        chosen[rng.choice(rows, size=count, replace=False)] = True
    return np.nonzero(~chosen)[0], np.nonzero(chosen)[0]


# %% wrong baseline_scorecard: takes majority and prevalence from the test rows
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v, dtype=float) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    right = (p >= threshold) == (y == 1)
    recalls = [right[y == c].mean() if (y == c).any() else np.nan for c in (0, 1)]
    brier, constant = np.mean((p - y) ** 2), np.mean((y.mean() - y) ** 2)
    return {
        "accuracy": float(right.mean()),
        "accuracy_majority": float(np.mean(y == float(y.mean() > 0.5))),
        "balanced_accuracy": float(np.mean(recalls)),
        "brier": float(brier),
        "brier_prevalence": float(constant),
        "brier_skill": float(1 - brier / constant) if constant > 0 else float("nan"),
    }


# %% wrong baseline_scorecard: a probability equal to the threshold counts as 0
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v, dtype=float) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    right = (p > threshold) == (y == 1)
    recalls = [right[y == c].mean() if (y == c).any() else np.nan for c in (0, 1)]
    brier, constant = np.mean((p - y) ** 2), np.mean((y_train.mean() - y) ** 2)
    return {
        "accuracy": float(right.mean()),
        "accuracy_majority": float(np.mean(y == float(y_train.mean() > 0.5))),
        "balanced_accuracy": float(np.mean(recalls)),
        "brier": float(brier),
        "brier_prevalence": float(constant),
        "brier_skill": float(1 - brier / constant) if constant > 0 else float("nan"),
    }


# %% wrong baseline_scorecard: leaves the threshold at 0.5
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v, dtype=float) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    right = (p >= 0.5) == (y == 1)
    recalls = [right[y == c].mean() if (y == c).any() else np.nan for c in (0, 1)]
    brier, constant = np.mean((p - y) ** 2), np.mean((y_train.mean() - y) ** 2)
    return {
        "accuracy": float(right.mean()),
        "accuracy_majority": float(np.mean(y == float(y_train.mean() > 0.5))),
        "balanced_accuracy": float(np.mean(recalls)),
        "brier": float(brier),
        "brier_prevalence": float(constant),
        "brier_skill": float(1 - brier / constant) if constant > 0 else float("nan"),
    }


# %% wrong baseline_scorecard: the majority is always class 0
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v, dtype=float) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    right = (p >= threshold) == (y == 1)
    recalls = [right[y == c].mean() if (y == c).any() else np.nan for c in (0, 1)]
    brier, constant = np.mean((p - y) ** 2), np.mean((y_train.mean() - y) ** 2)
    return {
        "accuracy": float(right.mean()),
        "accuracy_majority": float(np.mean(y == 0)),
        "balanced_accuracy": float(np.mean(recalls)),
        "brier": float(brier),
        "brier_prevalence": float(constant),
        "brier_skill": float(1 - brier / constant) if constant > 0 else float("nan"),
    }


# %% wrong baseline_scorecard: balanced accuracy ignores a class that does not occur
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v, dtype=float) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    right = (p >= threshold) == (y == 1)
    recalls = [right[y == c].mean() for c in np.unique(y)]
    brier, constant = np.mean((p - y) ** 2), np.mean((y_train.mean() - y) ** 2)
    return {
        "accuracy": float(right.mean()),
        "accuracy_majority": float(np.mean(y == float(y_train.mean() > 0.5))),
        "balanced_accuracy": float(np.mean(recalls)),
        "brier": float(brier),
        "brier_prevalence": float(constant),
        "brier_skill": float(1 - brier / constant) if constant > 0 else float("nan"),
    }


# %% wrong baseline_scorecard: subtracts labels that may be booleans
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    decision = (p >= threshold).astype(y.dtype)
    right = np.abs(decision - y) == 0
    recalls = [right[y == c].mean() if (y == c).any() else np.nan for c in (0, 1)]
    brier, constant = np.mean((p - y) ** 2), np.mean((y_train.mean() - y) ** 2)
    return {
        "accuracy": float(right.mean()),
        "accuracy_majority": float(np.mean(y == (y_train.mean() > 0.5))),
        "balanced_accuracy": float(np.mean(recalls)),
        "brier": float(brier),
        "brier_prevalence": float(constant),
        "brier_skill": float(1 - brier / constant) if constant > 0 else float("nan"),
    }


# %% wrong baseline_scorecard: checks probabilities with any(), which lets NaN pass
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v, dtype=float) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or ((p < 0) | (p > 1)).any():
        raise ValueError("bad input")
    right = (p >= threshold) == (y == 1)
    recalls = [right[y == c].mean() if (y == c).any() else np.nan for c in (0, 1)]
    brier, constant = np.mean((p - y) ** 2), np.mean((y_train.mean() - y) ** 2)
    return {
        "accuracy": float(right.mean()),
        "accuracy_majority": float(np.mean(y == float(y_train.mean() > 0.5))),
        "balanced_accuracy": float(np.mean(recalls)),
        "brier": float(brier),
        "brier_prevalence": float(constant),
        "brier_skill": float(1 - brier / constant) if constant > 0 else float("nan"),
    }


# %% right baseline_scorecard: counts of the four outcomes
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    train = [bool(v) for v in y_train]
    y = [bool(v) for v in y_test]
    p = [float(v) for v in probability]
    if not train or not y or len(y) != len(p) or any(not 0 <= v <= 1 for v in p):
        raise ValueError("bad input")
    decided = [v >= threshold for v in p]
    tp = sum(a and b for a, b in zip(decided, y))
    tn = sum(not a and not b for a, b in zip(decided, y))
    ones = sum(y)
    zeros = len(y) - ones
    rate = sum(train) / len(train)
    brier = sum((v - t) ** 2 for v, t in zip(p, y)) / len(y)
    constant = sum((rate - t) ** 2 for t in y) / len(y)
    return {
        "brier_skill": (constant - brier) / constant if constant else np.nan,
        "brier_prevalence": constant,
        "brier": brier,
        "balanced_accuracy": (tp / ones + tn / zeros) / 2 if ones and zeros else np.nan,
        "accuracy_majority": (ones if rate > 0.5 else zeros) / len(y),
        "accuracy": (tp + tn) / len(y),
    }


# %% wrong knn_classifier: |a|^2 - 2ab + |b|^2, which loses digits
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.array(X, dtype=float)
        if len(self._rows) != len(y) or not 1 <= self.k <= len(self._rows):
            raise ValueError("bad input")
        self.classes_, self._codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        squares = (X**2).sum(1)[:, None] - 2 * X @ self._rows.T + (self._rows**2).sum(1)
        near = np.argsort(squares, axis=1, kind="stable")[:, : self.k]
        return (self._codes[near][:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% wrong knn_classifier: argpartition, which breaks ties anyhow
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.array(X, dtype=float)
        if len(self._rows) != len(y) or not 1 <= self.k <= len(self._rows):
            raise ValueError("bad input")
        self.classes_, self._codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        squares = sum(np.subtract.outer(a, b) ** 2 for a, b in zip(X.T, self._rows.T))
        near = np.argpartition(squares, self.k - 1, axis=1)[:, : self.k]
        return (self._codes[near][:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% wrong knn_classifier: builds an array of m x n x d
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.array(X, dtype=float)
        if len(self._rows) != len(y) or not 1 <= self.k <= len(self._rows):
            raise ValueError("bad input")
        self.classes_, self._codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        squares = ((X[:, None] - self._rows[None]) ** 2).sum(axis=2)
        near = np.argsort(squares, axis=1, kind="stable")[:, : self.k]
        return (self._codes[near][:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% wrong knn_classifier: keeps the caller's arrays instead of a copy
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.asarray(X, dtype=float)
        if len(self._rows) != len(y) or not 1 <= self.k <= len(self._rows):
            raise ValueError("bad input")
        self.classes_, self._codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        squares = np.zeros((len(X), len(self._rows)))
        for a, b in zip(X.T, self._rows.T):
            squares += np.subtract.outer(a, b) ** 2
        near = np.argsort(squares, axis=1, kind="stable")[:, : self.k]
        return (self._codes[near][:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% wrong knn_classifier: Manhattan distance
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.array(X, dtype=float)
        if len(self._rows) != len(y) or not 1 <= self.k <= len(self._rows):
            raise ValueError("bad input")
        self.classes_, self._codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        distance = np.zeros((len(X), len(self._rows)))
        for a, b in zip(X.T, self._rows.T):
            distance += np.abs(np.subtract.outer(a, b))
        near = np.argsort(distance, axis=1, kind="stable")[:, : self.k]
        return (self._codes[near][:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% wrong knn_classifier: a tied vote goes to the nearest row's label
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.array(X, dtype=float)
        if len(self._rows) != len(y) or not 1 <= self.k <= len(self._rows):
            raise ValueError("bad input")
        self.classes_, self._codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def _near(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        squares = np.zeros((len(X), len(self._rows)))
        for a, b in zip(X.T, self._rows.T):
            squares += np.subtract.outer(a, b) ** 2
        return self._codes[np.argsort(squares, axis=1, kind="stable")[:, : self.k]]

    def predict_proba(self, X):
        return (self._near(X)[:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        from collections import Counter

        winners = [Counter(row.tolist()).most_common(1)[0][0] for row in self._near(X)]
        return self.classes_[np.array(winners, dtype=int)]


# %% wrong knn_classifier: columns in the order in which labels first appear
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.array(X, dtype=float)
        if len(self._rows) != len(y) or not 1 <= self.k <= len(self._rows):
            raise ValueError("bad input")
        self._codes, self.classes_ = pd.factorize(np.asarray(y))
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        squares = np.zeros((len(X), len(self._rows)))
        for a, b in zip(X.T, self._rows.T):
            squares += np.subtract.outer(a, b) ** 2
        near = np.argsort(squares, axis=1, kind="stable")[:, : self.k]
        return (self._codes[near][:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% wrong knn_classifier: fit forgets to check k
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self._rows = np.array(X, dtype=float)
        if len(self._rows) != len(y):
            raise ValueError("bad input")
        self.classes_, self._codes = np.unique(np.asarray(y), return_inverse=True)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self._rows.shape[1]:
            raise ValueError("columns")
        squares = np.zeros((len(X), len(self._rows)))
        for a, b in zip(X.T, self._rows.T):
            squares += np.subtract.outer(a, b) ** 2
        near = np.argsort(squares, axis=1, kind="stable")[:, : self.k]
        return (self._codes[near][:, :, None] == np.arange(len(self.classes_))).mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% right knn_classifier: SciPy's distances, and votes through an identity matrix
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        X, y = np.array(X, dtype=float), np.array(y)
        if X.shape[0] != y.shape[0]:
            raise ValueError("X and y differ in length")
        if self.k < 1 or self.k > X.shape[0]:
            raise ValueError("k does not fit")
        self.X, self.y, self.classes_ = X, y, np.array(sorted(set(y.tolist())))
        return self

    def predict_proba(self, X):
        from scipy.spatial.distance import cdist

        X = np.asarray(X, dtype=float)
        if X.shape[1] != self.X.shape[1]:
            raise ValueError("another number of columns")
        votes = (self.y[:, None] == self.classes_).astype(float)
        out = np.zeros((len(X), len(self.classes_)))
        for i, distances in enumerate(cdist(X, self.X, "sqeuclidean")):
            out[i] = votes[np.lexsort((np.arange(len(self.X)), distances))[: self.k]].mean(axis=0)
        return out

    def predict(self, X):
        return np.array([self.classes_[row.argmax()] for row in self.predict_proba(X)])


# %% wrong group_time_split: takes a share of the groups instead of the rows
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    labels = np.unique(groups)
    if not 0 < test_share < 1 or len(labels) < 2:
        raise ValueError("cannot split")
    count = min(max(int(np.ceil(test_share * len(labels))), 1), len(labels) - 1)
    held = np.isin(groups, rng.permutation(labels)[:count])
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    cutoff = np.sort(times)[::-1][int(np.ceil(test_share * len(times))) - 1]
    train = np.flatnonzero(times < cutoff - gap)
    if len(train) == 0:
        raise ValueError("no training row")
    return train, np.flatnonzero(times >= cutoff)


# %% wrong group_time_split: splits rows of one time by their count
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    labels, sizes = np.unique(groups, return_counts=True)
    if not 0 < test_share < 1 or len(labels) < 2:
        raise ValueError("cannot split")
    chosen, size = [], 0
    for g in rng.permutation(len(labels))[:-1]:
        if size >= test_share * len(groups):
            break
        chosen.append(labels[g])
        size += sizes[g]
    held = np.isin(groups, chosen)
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    order = np.argsort(times, kind="stable")
    count = int(np.ceil(test_share * len(times)))
    test = np.sort(order[-count:])
    cutoff = times[order[-count]]
    train = np.setdiff1d(
        np.flatnonzero(times < cutoff - gap) if gap else np.sort(order[:-count]), test
    )
    if len(train) == 0:
        raise ValueError("no training row")
    return train, test


# %% wrong group_time_split: assumes that the rows are sorted by time
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    labels, sizes = np.unique(groups, return_counts=True)
    if not 0 < test_share < 1 or len(labels) < 2:
        raise ValueError("cannot split")
    chosen, size = [], 0
    for g in rng.permutation(len(labels))[:-1]:
        if size >= test_share * len(groups):
            break
        chosen.append(labels[g])
        size += sizes[g]
    held = np.isin(groups, chosen)
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    cutoff = times[len(times) - int(np.ceil(test_share * len(times)))]
    train = np.flatnonzero(times < cutoff - gap)
    if len(train) == 0:
        raise ValueError("no training row")
    return train, np.flatnonzero(times >= cutoff)


# %% wrong group_time_split: one group more than needed, and ties of time in neither set
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    labels, sizes = np.unique(groups, return_counts=True)
    if not 0 < test_share < 1 or len(labels) < 2:
        raise ValueError("cannot split")
    chosen, size = [], 0
    for g in rng.permutation(len(labels))[:-1]:
        if size > test_share * len(groups):
            break
        chosen.append(labels[g])
        size += sizes[g]
    held = np.isin(groups, chosen)
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    cutoff = np.sort(times)[::-1][int(np.ceil(test_share * len(times))) - 1]
    train = np.flatnonzero(times < cutoff - gap)
    if len(train) == 0:
        raise ValueError("no training row")
    return train, np.flatnonzero(times >= cutoff)


# %% wrong group_time_split: the groups are taken in sorted order
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    labels, sizes = np.unique(groups, return_counts=True)
    if not 0 < test_share < 1 or len(labels) < 2:
        raise ValueError("cannot split")
    chosen, size = [], 0
    for g in range(len(labels) - 1):
        if size >= test_share * len(groups):
            break
        chosen.append(labels[g])
        size += sizes[g]
    held = np.isin(groups, chosen)
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    cutoff = np.sort(times)[::-1][int(np.ceil(test_share * len(times))) - 1]
    train = np.flatnonzero(times < cutoff - gap)
    if len(train) == 0:
        raise ValueError("no training row")
    return train, np.flatnonzero(times >= cutoff)


# %% wrong group_time_split: the gap keeps rows exactly at cutoff - gap
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    labels, sizes = np.unique(groups, return_counts=True)
    if not 0 < test_share < 1 or len(labels) < 2:
        raise ValueError("cannot split")
    chosen, size = [], 0
    for g in rng.permutation(len(labels))[:-1]:
        if size >= test_share * len(groups):
            break
        chosen.append(labels[g])
        size += sizes[g]
    held = np.isin(groups, chosen)
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    cutoff = np.sort(times)[::-1][int(np.ceil(test_share * len(times))) - 1]
    train = np.flatnonzero((times <= cutoff - gap) & (times < cutoff))
    if len(train) == 0:
        raise ValueError("no training row")
    return train, np.flatnonzero(times >= cutoff)


# %% wrong group_time_split: may put every group into the test set
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    labels, sizes = np.unique(groups, return_counts=True)
    if not 0 < test_share < 1 or len(labels) < 2:
        raise ValueError("cannot split")
    chosen, size = [], 0
    for g in rng.permutation(len(labels)):
        if size >= test_share * len(groups):
            break
        chosen.append(labels[g])
        size += sizes[g]
    held = np.isin(groups, chosen)
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    cutoff = np.sort(times)[::-1][int(np.ceil(test_share * len(times))) - 1]
    train = np.flatnonzero(times < cutoff - gap)
    if len(train) == 0:
        raise ValueError("no training row")
    return train, np.flatnonzero(times >= cutoff)


# %% right group_time_split: cumulative sums and counting down
def group_split(groups, test_share, rng):
    groups = list(groups)
    names = sorted(set(groups))
    if len(names) < 2 or test_share <= 0 or test_share >= 1:
        raise ValueError("bad input")
    rng.shuffle(names)
    sizes = np.array([groups.count(name) for name in names])
    before = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    take = before < test_share * len(groups)
    take[-1] = False
    held = {name for name, taken in zip(names, take) if taken}
    test = np.array([i for i, g in enumerate(groups) if g in held], dtype=int)
    train = np.array([i for i, g in enumerate(groups) if g not in held], dtype=int)
    return train, test


def time_split(times, test_share, gap=0):
    times = np.array(times)
    if test_share <= 0 or test_share >= 1 or gap < 0:
        raise ValueError("bad input")
    values, counts = np.unique(times, return_counts=True)
    from_here = np.cumsum(counts[::-1])[::-1]
    cutoff = values[from_here >= test_share * times.size].max()
    train = np.nonzero(times < cutoff - gap)[0]
    if train.size == 0:
        raise ValueError("nothing to train on")
    return train, np.nonzero(times >= cutoff)[0]


# %% wrong leak_scan: looks at values only, not at what is missing
def leak_scan(table, target, min_count=20):
    target = pd.Series(np.asarray(target).astype(float))
    if len(target) != len(table) or target.nunique() != 2:
        raise ValueError("target")
    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        values, y = column.dropna(), target[column.notna()]
        if pd.api.types.is_numeric_dtype(column):
            numbers = values.astype(float)
        else:
            counts = values.map(values.value_counts())
            kept = values.astype(object).where(counts >= min_count, -1)
            numbers = y.groupby(kept).transform("mean")
        a = roc_auc_score(y, numbers) if y.nunique() == 2 else 0.5
        scores[name] = float(max(a, 1 - a))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong leak_scan: rare texts keep their own share, so an id scores 1
def leak_scan(table, target, min_count=20):
    target = pd.Series(np.asarray(target).astype(float))
    if len(target) != len(table) or target.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, y):
        if y.nunique() < 2:
            return 0.5
        a = roc_auc_score(y, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        known = column.notna()
        values, y = column[known], target[known]
        if pd.api.types.is_numeric_dtype(column):
            numbers = values.astype(float)
        else:
            numbers = y.groupby(values).transform("mean")
        scores[name] = max(signal((~known).astype(float), target), signal(numbers, y))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong leak_scan: aligns the target by the index of the table
def leak_scan(table, target, min_count=20):
    target = pd.Series(target, dtype=float)
    if len(target) != len(table) or target.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, y):
        if y.nunique() < 2:
            return 0.5
        a = roc_auc_score(y, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        known = column.notna()
        y_all = target.reindex(range(len(table)))
        values, y = column[known], y_all[known]
        if pd.api.types.is_numeric_dtype(column):
            numbers = values.astype(float)
        else:
            counts = values.map(values.value_counts())
            kept = values.astype(object).where(counts >= min_count, -1)
            numbers = y.groupby(kept).transform("mean")
        scores[name] = max(signal((~known).astype(float), y_all), signal(numbers, y))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong leak_scan: forgets that a falling column is as suspicious
def leak_scan(table, target, min_count=20):
    target = pd.Series(np.asarray(target).astype(float))
    if len(target) != len(table) or target.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, y):
        return float(roc_auc_score(y, numbers)) if y.nunique() == 2 else 0.5

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        known = column.notna()
        values, y = column[known], target[known]
        if pd.api.types.is_numeric_dtype(column):
            numbers = values.astype(float)
        else:
            counts = values.map(values.value_counts())
            kept = values.astype(object).where(counts >= min_count, -1)
            numbers = y.groupby(kept).transform("mean")
        scores[name] = max(0.5, signal((~known).astype(float), target), signal(numbers, y))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong leak_scan: codes the texts in alphabetical order instead of by their share
def leak_scan(table, target, min_count=20):
    target = pd.Series(np.asarray(target).astype(float))
    if len(target) != len(table) or target.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, y):
        if y.nunique() < 2:
            return 0.5
        a = roc_auc_score(y, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        known = column.notna()
        values, y = column[known], target[known]
        if pd.api.types.is_numeric_dtype(column):
            numbers = values.astype(float)
        else:
            counts = values.map(values.value_counts())
            numbers = values.where(counts >= min_count, "").rank()
        scores[name] = max(signal((~known).astype(float), target), signal(numbers, y))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong leak_scan: fills missing numbers with 0 before it ranks them
def leak_scan(table, target, min_count=20):
    target = pd.Series(np.asarray(target).astype(float))
    if len(target) != len(table) or target.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, y):
        if y.nunique() < 2:
            return 0.5
        a = roc_auc_score(y, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        missing = column.isna().astype(float)
        if pd.api.types.is_numeric_dtype(column):
            numbers = column.astype(float).fillna(0)
        else:
            column = column.astype(object).where(column.notna(), "missing")
            counts = column.map(column.value_counts())
            kept = column.where(counts >= min_count, -1)
            numbers = target.groupby(kept).transform("mean")
        scores[name] = max(signal(missing, target), signal(numbers, target))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong leak_scan: sorts equal scores by name
def leak_scan(table, target, min_count=20):
    target = pd.Series(np.asarray(target).astype(float))
    if len(target) != len(table) or target.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, y):
        if y.nunique() < 2:
            return 0.5
        a = roc_auc_score(y, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in sorted(table.columns):
        column = table[name].reset_index(drop=True)
        known = column.notna()
        values, y = column[known], target[known]
        if pd.api.types.is_numeric_dtype(column):
            numbers = values.astype(float)
        else:
            counts = values.map(values.value_counts())
            kept = values.astype(object).where(counts >= min_count, -1)
            numbers = y.groupby(kept).transform("mean")
        scores[name] = max(signal((~known).astype(float), target), signal(numbers, y))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% right leak_scan: plain lists and the auc helper's formula
def leak_scan(table, target, min_count=20):
    from collections import Counter, defaultdict

    from scipy.stats import rankdata

    y = np.array([int(v) for v in np.asarray(target)])
    if len(y) != len(table) or len(set(y.tolist())) != 2:
        raise ValueError("target")

    def signal(numbers, labels):
        n1 = labels.sum()
        n0 = len(labels) - n1
        if n1 == 0 or n0 == 0:
            return 0.5
        a = (rankdata(numbers)[labels == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
        return max(a, 1 - a)

    scores = {}
    for name in table.columns:
        column = table[name]
        missing = column.isna().to_numpy()
        values = (
            column[~missing].tolist() if not missing.any() else column.to_numpy()[~missing].tolist()
        )
        known = y[~missing]
        if not pd.api.types.is_numeric_dtype(column):
            counts = Counter(values)
            values = [v if counts[v] >= min_count else None for v in values]
            labels = defaultdict(list)
            for v, label in zip(values, known.tolist()):
                labels[v].append(label)
            values = [sum(labels[v]) / len(labels[v]) for v in values]
        found = [signal(missing.astype(float), y), signal(np.array(values, dtype=float), known)]
        scores[name] = np.float64(max(found))
    order = sorted(range(len(scores)), key=lambda i: (-scores[table.columns[i]], i))
    return {table.columns[i]: scores[table.columns[i]] for i in order}


# %% wrong duplicate_rows: groupby drops rows with a missing value
def row_groups(table, columns):
    if not columns:
        raise ValueError("no columns")
    return table.groupby(list(columns), sort=False).ngroup().to_numpy()


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    return np.sort(test[np.isin(groups[test], groups[train])])


# %% wrong duplicate_rows: glues the values together as text
def row_groups(table, columns):
    if not columns:
        raise ValueError("no columns")
    glued = ["".join(str(v) for v in row) for row in table[columns].to_numpy(dtype=object)]
    return pd.factorize(np.array(glued, dtype=object))[0]


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    return np.sort(test[np.isin(groups[test], groups[train])])


# %% wrong duplicate_rows: numbers the groups in sorted order
def row_groups(table, columns):
    if not columns:
        raise ValueError("no columns")
    return table.reset_index().groupby(list(columns), dropna=False, sort=True).ngroup().to_numpy()


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    return np.sort(test[np.isin(groups[test], groups[train])])


# %% wrong duplicate_rows: marks rows that have a copy anywhere, also within the test rows
def row_groups(table, columns):
    if not columns:
        raise ValueError("no columns")
    labels = np.zeros(len(table), dtype=np.int64)
    for column in columns:
        codes = pd.factorize(table[column], use_na_sentinel=False)[0]
        labels = pd.factorize(labels * (codes.max(initial=0) + 1) + codes)[0]
    return labels


def straddlers(table, columns, train, test):
    copied = table.duplicated(list(columns), keep=False).to_numpy()
    test = np.asarray(test, dtype=int)
    return np.sort(test[copied[test]])


# %% wrong duplicate_rows: returns positions within test instead of rows of the table
def row_groups(table, columns):
    if not columns:
        raise ValueError("no columns")
    labels = np.zeros(len(table), dtype=np.int64)
    for column in columns:
        codes = pd.factorize(table[column], use_na_sentinel=False)[0]
        labels = pd.factorize(labels * (codes.max(initial=0) + 1) + codes)[0]
    return labels


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    train, test = np.asarray(train, dtype=int), np.sort(np.asarray(test, dtype=int))
    return np.flatnonzero(np.isin(groups[test], groups[train]))


# %% wrong duplicate_rows: compares all columns instead of the named ones
def row_groups(table, columns):
    if not columns:
        raise ValueError("no columns")
    return table.groupby(list(table.columns), dropna=False, sort=False).ngroup().to_numpy()


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    return np.sort(test[np.isin(groups[test], groups[train])])


# %% wrong duplicate_rows: combines codes by adding them
def row_groups(table, columns):
    if not columns:
        raise ValueError("no columns")
    labels = np.zeros(len(table), dtype=np.int64)
    for column in columns:
        labels = labels + 10 * pd.factorize(table[column], use_na_sentinel=False)[0]
    return pd.factorize(labels)[0]


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    return np.sort(test[np.isin(groups[test], groups[train])])


# %% right duplicate_rows: one groupby that keeps missing values
def row_groups(table, columns):
    if len(columns) == 0:
        raise ValueError("no columns")
    plain = table[list(columns)].reset_index(drop=True)
    return plain.groupby(list(columns), dropna=False, sort=False).ngroup().to_numpy(dtype=int)


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns).tolist()
    known = {groups[int(i)] for i in train}
    return np.array(sorted(int(i) for i in test if groups[int(i)] in known), dtype=int)


# %% right duplicate_rows: a dictionary of tuples
def row_groups(table, columns):
    if not list(columns):
        raise ValueError("no columns")
    numbers, out = {}, []
    for row in table[list(columns)].itertuples(index=False, name=None):
        key = tuple(("missing",) if pd.isna(v) else v for v in row)
        out.append(numbers.setdefault(key, len(numbers)))
    return np.array(out, dtype=int)


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    return np.array([t for t in sorted(test) if groups[t] in set(groups[train])], dtype=int)


# %% wrong prepare_debugged: fills and scales by all rows
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X, axis=0), X)
    scale = np.where((X == X[0]).all(axis=0), 1.0, X.std(axis=0))
    X = (X - X.mean(axis=0)) / scale
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    return X[train][order], y[train][order], X[test], y[test]


# %% wrong prepare_debugged: scales by the training rows after the copies were added
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    rows = X[train][order]
    scale = np.where((rows == rows[0]).all(axis=0), 1.0, rows.std(axis=0))
    return (
        (rows - rows.mean(axis=0)) / scale,
        y[train][order],
        (X[test] - rows.mean(axis=0)) / scale,
        y[test],
    )


# %% wrong prepare_debugged: scales the test rows by their own statistics
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)

    def scaled(rows):
        if len(rows) == 0:
            return rows
        scale = np.where((rows == rows[0]).all(axis=0), 1.0, rows.std(axis=0))
        return (rows - rows.mean(axis=0)) / scale

    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    return scaled(X[train])[order], y[train][order], scaled(X[test]), y[test]


# %% wrong prepare_debugged: always copies class 1
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)
    rows = X[train]
    scale = np.where((rows == rows[0]).all(axis=0), 1.0, rows.std(axis=0))
    candidates = np.flatnonzero(y[train] == 1)
    extra = rng.choice(candidates, size=max(counts[0] - counts[1], 0))
    order = np.concatenate([np.arange(len(train)), extra])
    X = (X - rows.mean(axis=0)) / scale
    return X[train][order], y[train][order], X[test], y[test]


# %% wrong prepare_debugged: balances the test rows, too
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)
    rows = X[train]
    scale = np.where((rows == rows[0]).all(axis=0), 1.0, rows.std(axis=0))
    X = (X - rows.mean(axis=0)) / scale

    def balanced(where):
        c = np.bincount(y[where], minlength=2)
        if c.min() == 0:
            return where
        return np.concatenate(
            [where, rng.choice(where[y[where] == int(c[1] < c[0])], size=abs(c[0] - c[1]))]
        )

    train, test = balanced(train), balanced(test)
    return X[train], y[train], X[test], y[test]


# %% wrong prepare_debugged: divides by a deviation of zero or of rounding
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)
    rows = X[train]
    scale = rows.std(axis=0)
    scale[scale == 0] = 1.0
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    X = (X - rows.mean(axis=0)) / scale
    return X[train][order], y[train][order], X[test], y[test]


# %% wrong prepare_debugged: repeats the rare rows in turn instead of drawing them
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)
    rows = X[train]
    scale = np.where((rows == rows[0]).all(axis=0), 1.0, rows.std(axis=0))
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = np.resize(rng.permutation(candidates), abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    X = (X - rows.mean(axis=0)) / scale
    return X[train][order], y[train][order], X[test], y[test]


# %% wrong prepare_debugged: fills with the mean instead of the median
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmean(X[train], axis=0), X)
    rows = X[train]
    scale = np.where((rows == rows[0]).all(axis=0), 1.0, rows.std(axis=0))
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    X = (X - rows.mean(axis=0)) / scale
    return X[train][order], y[train][order], X[test], y[test]


# %% wrong prepare_debugged: shuffles the training rows at the end
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)
    rows = X[train]
    scale = np.where((rows == rows[0]).all(axis=0), 1.0, rows.std(axis=0))
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = rng.permutation(np.concatenate([np.arange(len(train)), extra]))
    X = (X - rows.mean(axis=0)) / scale
    return X[train][order], y[train][order], X[test], y[test]


# %% right prepare_debugged: scikit-learn's imputer and scaler, fitted on the training rows
def prepare(X, y, train, test, rng):
    from sklearn.impute import SimpleImputer

    X, y = np.array(X, dtype=float), np.array(y)
    ones, zeros = (np.flatnonzero(y[train] == c) for c in (1, 0))
    if len(ones) == 0 or len(zeros) == 0 or (~np.isnan(X[train])).sum(axis=0).min() == 0:
        raise ValueError("nothing to learn from")
    imputer = SimpleImputer(strategy="median").fit(X[train])
    filled = imputer.transform(X[train])
    mean, scale = filled.mean(axis=0), filled.std(axis=0)
    scale[np.ptp(filled, axis=0) == 0] = 1.0
    train_X, train_y = (filled - mean) / scale, y[train]
    fewer, more = sorted([ones, zeros], key=len)
    copies = fewer[rng.integers(len(fewer), size=len(more) - len(fewer))]
    test_X = (np.where(np.isnan(X[test]), imputer.statistics_, X[test]) - mean) / scale
    return (
        np.vstack([train_X, train_X[copies]]),
        np.append(train_y, train_y[copies]),
        test_X,
        y[test],
    )


# %% wrong stratified_split: every row goes into the test set with that probability
def stratified_split(y, test_share, rng):
    y = np.asarray(y)
    labels, counts = np.unique(y, return_counts=True)
    if not 0 < test_share < 1 or len(y) == 0 or counts.min() < 2:
        raise ValueError("cannot split")
    in_test = rng.random(len(y)) < test_share
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


# %% right stratified_split: sorts random keys within each class
def stratified_split(y, test_share, rng):
    y = np.array(y)
    if y.size == 0 or test_share <= 0 or test_share >= 1:
        raise ValueError("bad input")
    keys = rng.random(y.size)
    test = []
    for label in set(y.tolist()):
        rows = [i for i in range(y.size) if y[i] == label]
        if len(rows) == 1:
            raise ValueError("a class of one row")
        count = int(np.floor(test_share * len(rows) + 0.5))
        count = max(1, min(count, len(rows) - 1))
        test += sorted(rows, key=lambda i: keys[i])[:count]
    chosen = set(test)
    train = [i for i in range(y.size) if i not in chosen]
    return np.array(train, dtype=int), np.array(sorted(test), dtype=int)


# %% wrong baseline_scorecard: the skill compares with the majority's Brier score
def baseline_scorecard(y_train, y_test, probability, threshold=0.5):
    y_train, y, p = (np.asarray(v, dtype=float) for v in (y_train, y_test, probability))
    if len(y_train) == 0 or len(y) == 0 or y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    right = (p >= threshold) == (y == 1)
    recalls = [right[y == c].mean() if (y == c).any() else np.nan for c in (0, 1)]
    majority = float(y_train.mean() > 0.5)
    brier, constant = np.mean((p - y) ** 2), np.mean((y_train.mean() - y) ** 2)
    share_wrong = np.mean((majority - y) ** 2)
    return {
        "accuracy": right.mean(),
        "accuracy_majority": np.mean(y == majority),
        "balanced_accuracy": np.mean(recalls),
        "brier": brier,
        "brier_prevalence": constant,
        "brier_skill": 1 - brier / share_wrong if share_wrong > 0 else np.float64("nan"),
    }


# %% wrong knn_classifier: sorts pairs of distance and label, so ties go to the smaller label
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self.X, self.y = np.array(X, dtype=float), np.array(y)
        if len(self.X) != len(self.y) or not 1 <= self.k <= len(self.X):
            raise ValueError("k or lengths")
        self.classes_ = np.unique(self.y)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self.X.shape[1]:
            raise ValueError("columns")
        out = np.zeros((len(X), len(self.classes_)))
        for i, row in enumerate(X):
            pairs = sorted(zip(((self.X - row) ** 2).sum(axis=1).tolist(), self.y.tolist()))
            near = [label for _, label in pairs[: self.k]]
            out[i] = [near.count(c) / self.k for c in self.classes_.tolist()]
        return out

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% wrong knn_classifier: float32, which loses small differences of large values
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self.X = np.array(X, dtype=np.float32)
        if len(self.X) != len(y) or not 1 <= self.k <= len(self.X):
            raise ValueError("k or lengths")
        self.classes_, self.codes = np.unique(np.array(y), return_inverse=True)
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=np.float32)
        if X.shape[1] != self.X.shape[1]:
            raise ValueError("columns")
        squares = np.zeros((len(X), len(self.X)), dtype=np.float32)
        for j in range(X.shape[1]):
            squares += np.subtract.outer(X[:, j], self.X[:, j]) ** 2
        near = np.argsort(squares, axis=1, kind="stable")[:, : self.k]
        return np.eye(len(self.classes_))[self.codes[near]].mean(axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# %% right knn_classifier: one row at a time, with a list of sorted row numbers
class KNNClassifier:
    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        if len(X) != len(y) or self.k < 1 or self.k > len(X):
            raise ValueError("k or lengths")
        self.rows, self.labels = np.array(X, dtype=np.float64), [*np.asarray(y).tolist()]
        self.classes_ = np.array(sorted(set(self.labels)))
        return self

    def predict_proba(self, X):
        X = np.asarray(X, dtype=float)
        if X.shape[1] != self.rows.shape[1]:
            raise ValueError("columns")
        out = np.zeros((len(X), len(self.classes_)))
        for i, row in enumerate(X):
            distance = ((self.rows - row) ** 2).sum(axis=1)
            near = sorted(range(len(distance)), key=distance.__getitem__)[: self.k]
            for n in near:
                out[i, self.classes_.tolist().index(self.labels[n])] += 1
        return out / self.k

    def predict(self, X):
        return np.array([self.classes_[int(np.argmax(row))] for row in self.predict_proba(X)])


# %% wrong group_time_split: shuffles rows, so large groups come first more often
def group_split(groups, test_share, rng):
    groups = np.asarray(groups)
    names = list(dict.fromkeys(groups[rng.permutation(len(groups))].tolist()))
    if len(names) < 2 or not 0 < test_share < 1:
        raise ValueError("cannot split")
    chosen, size = [], 0
    for name in names[:-1]:
        if size >= test_share * len(groups):
            break
        chosen.append(name)
        size += int((groups == name).sum())
    held = np.isin(groups, chosen)
    return np.flatnonzero(~held), np.flatnonzero(held)


def time_split(times, test_share, gap=0):
    times = np.asarray(times)
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    cutoff = np.sort(times)[::-1][int(np.ceil(test_share * len(times))) - 1]
    train = np.flatnonzero(times < cutoff - gap)
    if len(train) == 0:
        raise ValueError("no training row")
    return train, np.flatnonzero(times >= cutoff)


# %% right group_time_split: shuffles a list of names, and tries cutoffs from the latest down
def group_split(groups, test_share, rng):
    groups = pd.Series(list(groups))
    names = groups.unique().tolist()
    if len(names) < 2 or not 0 < test_share < 1:
        raise ValueError("cannot split")
    rng.shuffle(names)
    chosen = set()
    names.pop()  # stays in training
    while names and groups.isin(chosen).sum() < test_share * len(groups):
        chosen.add(names.pop())
    held = groups.isin(chosen).to_numpy()
    return np.where(~held)[0], np.where(held)[0]


def time_split(times, test_share, gap=0):
    times = np.asarray(list(times))
    if not 0 < test_share < 1 or gap < 0:
        raise ValueError("cannot split")
    for cutoff in sorted(set(times.tolist()), reverse=True):
        if (times >= cutoff).sum() >= test_share * len(times):
            break
    before = np.where(times < cutoff - gap)[0]
    if before.size == 0:
        raise ValueError("no training row")
    return before, np.where(times >= cutoff)[0]


# %% wrong leak_scan: pools rare texts under the text "other", which may occur
def leak_scan(table, target, min_count=20):
    y = pd.Series(np.asarray(target).astype(float))
    if len(y) != len(table) or y.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, labels):
        if labels.nunique() < 2:
            return 0.5
        a = roc_auc_score(labels, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        known = column.notna()
        values, labels = column[known], y[known]
        if not pd.api.types.is_numeric_dtype(column):
            counts = values.value_counts()
            values = values.where(values.map(counts) >= min_count, "other")
            values = labels.groupby(values).transform("mean")
        scores[name] = max(signal((~known).astype(float), y), signal(values.astype(float), labels))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong leak_scan: a missing text is one more text
def leak_scan(table, target, min_count=20):
    y = pd.Series(np.asarray(target).astype(float))
    if len(y) != len(table) or y.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, labels):
        if labels.nunique() < 2:
            return 0.5
        a = roc_auc_score(labels, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        known = column.notna()
        values, labels = column[known].astype(float, errors="ignore"), y[known]
        if not pd.api.types.is_numeric_dtype(column):
            codes = pd.Series(pd.factorize(column, use_na_sentinel=False)[0])
            codes = codes.where(codes.map(codes.value_counts()) >= min_count, -1)
            values, labels = y.groupby(codes).transform("mean"), y
        scores[name] = max(signal((~known).astype(float), y), signal(values, labels))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong duplicate_rows: fills missing values with a number or text that may occur
def row_groups(table, columns):
    if len(columns) == 0:
        raise ValueError("no columns")
    plain = table[list(columns)].reset_index(drop=True)
    for name in plain.columns:
        fill = -1 if pd.api.types.is_numeric_dtype(plain[name]) else ""
        plain[name] = plain[name].fillna(fill)
    return plain.groupby(list(columns), sort=False).ngroup().to_numpy(dtype=int)


def straddlers(table, columns, train, test):
    groups = row_groups(table, columns)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    return np.sort(test[np.isin(groups[test], groups[train])])


# %% wrong prepare_debugged: pandas' standard deviation, which divides by n - 1
def prepare(X, y, train, test, rng):
    X, y = pd.DataFrame(np.asarray(X, dtype=float)), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or X.iloc[train].isna().all().any():
        raise ValueError("cannot learn")
    median = X.iloc[train].median()
    filled, later = X.iloc[train].fillna(median), X.iloc[test].fillna(median)
    scale = filled.std().where(filled.nunique() > 1, 1.0)
    train_X = ((filled - filled.mean()) / scale).to_numpy()
    test_X = ((later - filled.mean()) / scale).to_numpy()
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    return train_X[order], y[train][order], test_X, y[test]


# %% wrong prepare_debugged: mean and deviation of the known values, before holes are filled
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    median, mean = np.nanmedian(X[train], axis=0), np.nanmean(X[train], axis=0)
    scale = np.nanstd(X[train], axis=0)
    scale = np.where(np.nanmin(X[train], axis=0) == np.nanmax(X[train], axis=0), 1.0, scale)
    X = (np.where(np.isnan(X), median, X) - mean) / scale
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    extra = rng.choice(candidates, size=abs(counts[0] - counts[1]))
    order = np.concatenate([np.arange(len(train)), extra])
    return X[train][order], y[train][order], X[test], y[test]


# %% right prepare_debugged: pandas, ddof=0, copies by random integers
def prepare(X, y, train, test, rng):
    frame, y = pd.DataFrame(np.array(X, dtype=float)), np.array(y)
    train, test = [int(i) for i in train], [int(i) for i in test]
    zeros = [i for i in range(len(train)) if y[train[i]] == 0]
    ones = [i for i in range(len(train)) if y[train[i]] == 1]
    known = frame.iloc[train]
    if not zeros or not ones or known.notna().sum().min() == 0:
        raise ValueError("cannot learn")
    filled = known.fillna(known.median())
    spread = filled.std(ddof=0)
    spread[filled.nunique() == 1] = 1.0
    scaled = ((filled - filled.mean()) / spread).to_numpy()
    held = ((frame.iloc[test].fillna(known.median()) - filled.mean()) / spread).to_numpy()
    few, many = sorted([zeros, ones], key=len)
    extra = [few[i] for i in rng.integers(len(few), size=len(many) - len(few))]
    order = [*range(len(train)), *extra]
    return scaled[order], y[train][order], held, y[test]


# %% strong problem_card: delay and gap, reasons for each exclusion, today's rule, an interval
"""
Row: one customer in one month. We predict on the 1st, before anyone is called, whether the customer
cancels in that month. Labels arrive up to 20 days after a month ends, so on the 1st the previous
month is not fully labelled and may not be trained on.

Features as known on the 1st: tariff, tenure, last month's bill and support calls. Out: "data used
in the month", because it is complete only when the month is over; the exit interview, which exists
only after a cancellation; the date of the contract change, since it is overwritten later and we
cannot tell what stood there on the 1st. The customer number stays as a key to find repeated rows.

Split: by time. For each of 12 test months, train on everything up to two months before (one month
of gap because of the 20 days). Most customers are on both sides, and that is right: next month we
will call the same people.

Metric: cancellations among the 500 called, about 10 if drawn at random, compared with today's list
of highest bills, per month, with a bootstrap interval over months. Calling nobody is 98 % accurate.
"""


# %% weak problem_card: random split, keeps two leaks, accuracy, no baseline in use today
"""
This is a binary classification problem. The target is churn and the features are all columns except
the customer number, which should be one-hot encoded if it has few values or removed otherwise. The
exit interview can be turned into embeddings, because text often contains valuable information about
the reasons. The data is split randomly into 80 % training and 20 % test data, stratified by the
target since it is imbalanced, and the training data is oversampled with SMOTE. We train logistic
regression, random forest and XGBoost and select the best one on the test set by accuracy and F1.
The baseline is a dummy classifier. With the amount of data available (more than one million rows)
we expect a very good model with an accuracy of more than 95 %, which would allow the company to
call the right customers and reduce churn significantly. Afterwards the model can be deployed and
should be monitored for drift and retrained regularly.
"""


# %% weak problem_card: right words, but no delay, no reasons and no number
"""
The unit is the customer and we want to predict churn at the beginning of the month. We have to
avoid leakage, so all columns that leak are removed and only the others are used. A time-based
split should be used because the data has a temporal structure, and customers should be grouped so
that the same customer is never in training and test. As metrics we recommend precision, recall,
ROC AUC and PR AUC, because accuracy is misleading for imbalanced data. As a baseline we use a
simple model. The model should be compared with the baseline and it should be significantly
better. Confidence intervals should be reported. Finally the business has to decide which
threshold is best for them, since they know the costs. It is also important that data protection
rules are followed and that the features are available in production.
"""


# %% wrong group_time_split: the cutoff is a quantile, which interpolates
def group_split(groups, test_share, rng):
    groups = list(groups)
    names = sorted(set(groups))
    if len(names) < 2 or test_share <= 0 or test_share >= 1:
        raise ValueError("bad input")
    rng.shuffle(names)
    sizes = np.array([groups.count(name) for name in names])
    before = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    take = before < test_share * len(groups)
    take[-1] = False
    held = {name for name, taken in zip(names, take) if taken}
    test = np.array([i for i, g in enumerate(groups) if g in held], dtype=int)
    train = np.array([i for i, g in enumerate(groups) if g not in held], dtype=int)
    return train, test


def time_split(times, test_share, gap=0):
    times = np.array(times)
    if test_share <= 0 or test_share >= 1 or gap < 0:
        raise ValueError("bad input")
    cutoff = np.quantile(times, 1 - test_share)
    train = np.nonzero(times < cutoff - gap)[0]
    if train.size == 0:
        raise ValueError("nothing to train on")
    return train, np.nonzero(times >= cutoff)[0]


# %% wrong leak_scan: gives rare texts the overall share instead of their own
def leak_scan(table, target, min_count=20):
    y = pd.Series(np.asarray(target).astype(float))
    if len(y) != len(table) or y.nunique() != 2:
        raise ValueError("target")

    def signal(numbers, labels):
        if labels.nunique() < 2:
            return 0.5
        a = roc_auc_score(labels, numbers)
        return float(max(a, 1 - a))

    scores = {}
    for name in table.columns:
        column = table[name].reset_index(drop=True)
        known = column.notna()
        values, labels = column[known], y[known]
        if not pd.api.types.is_numeric_dtype(column):
            counts = values.value_counts()
            frequent = values.map(counts) >= min_count
            values = labels.groupby(values).transform("mean").where(frequent, labels.mean())
        scores[name] = max(signal((~known).astype(float), y), signal(values.astype(float), labels))
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


# %% wrong prepare_debugged: draws without replacement while there are enough rare rows
def prepare(X, y, train, test, rng):
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    train, test = np.asarray(train, dtype=int), np.asarray(test, dtype=int)
    counts = np.bincount(y[train], minlength=2)
    if counts.min() == 0 or np.isnan(X[train]).all(axis=0).any():
        raise ValueError("cannot learn")
    X = np.where(np.isnan(X), np.nanmedian(X[train], axis=0), X)
    known = X[train]
    scale = np.where((known == known[0]).all(axis=0), 1.0, known.std(axis=0))
    X = (X - known.mean(axis=0)) / scale
    candidates = np.flatnonzero(y[train] == int(counts[1] < counts[0]))
    needed = abs(counts[0] - counts[1])
    extra = rng.choice(candidates, size=needed, replace=bool(needed > len(candidates)))
    order = np.concatenate([np.arange(len(train)), extra])
    return X[train][order], y[train][order], X[test], y[test]
