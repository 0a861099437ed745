"""Known answers of lesson 1.1: what people write, and what the tests must say about it.

Each chunk is what a learner would type into the solution cell; it uses the names of the notebook's
setup cell (`np`, `math`, …).
"""


# %% wrong broadcast_shape: aligns the shapes at the left
def broadcast_shape(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [tuple(shape) + (1,) * (rank - len(shape)) for shape in shapes]
    result = []
    for lengths in zip(*padded):
        others = {length for length in lengths if length != 1}
        if len(others) > 1:
            raise ValueError("shapes do not broadcast")
        result.append(others.pop() if others else 1)
    return tuple(result)


# %% wrong broadcast_shape: takes the maximum, so 0 next to 1 gives 1
def broadcast_shape(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for lengths in zip(*padded):
        longest = max(lengths)
        if any(length not in (1, longest) for length in lengths):
            raise ValueError("shapes do not broadcast")
        result.append(longest)
    return tuple(result)


# %% wrong broadcast_shape: compares every shape with the first one only
def broadcast_shape(*shapes):
    if not shapes:
        return ()
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result = list(padded[0])
    for other in padded[1:]:
        for position, length in enumerate(other):
            first = padded[0][position]
            if first != 1 and length != 1 and first != length:
                raise ValueError("shapes do not broadcast")
            if length != 1:
                result[position] = length
    return tuple(result)


# %% wrong broadcast_shape: lets a length repeat when it divides the other
def broadcast_shape(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for lengths in zip(*padded):
        if 0 in lengths:
            if any(length > 1 for length in lengths):
                raise ValueError("shapes do not broadcast")
            result.append(0)
            continue
        longest = max(lengths)
        if any(longest % length for length in lengths):
            raise ValueError("shapes do not broadcast")
        result.append(longest)
    return tuple(result)


# %% wrong broadcast_shape: cannot be called without shapes
def broadcast_shape(*shapes):
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for lengths in zip(*padded):
        others = {length for length in lengths if length != 1}
        if len(others) > 1:
            raise ValueError("shapes do not broadcast")
        result.append(others.pop() if others else 1)
    return tuple(result)


# %% wrong broadcast_shape: returns a list
def broadcast_shape(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for lengths in zip(*padded):
        others = {length for length in lengths if length != 1}
        if len(others) > 1:
            raise ValueError("shapes do not broadcast")
        result.append(others.pop() if others else 1)
    return result


# %% wrong broadcast_shape: asks NumPy's own function, which has limits
def broadcast_shape(*shapes):
    return np.broadcast_shapes(*shapes)


# %% right broadcast_shape: folds the shapes pair by pair from the right
def broadcast_shape(*shapes):
    from functools import reduce
    from itertools import zip_longest

    def meet(one, two):
        if one == two or two == 1:
            return one
        if one == 1:
            return two
        raise ValueError(f"{one} meets {two}")

    def join(first, second):
        pairs = zip_longest(reversed(first), reversed(second), fillvalue=1)
        return tuple(meet(one, two) for one, two in pairs)[::-1]

    return reduce(join, shapes, ())


# %% wrong standardise_columns: NaN takes over its column
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    scale = X.std(axis=0)
    scale[scale == 0] = 1.0
    return (X - X.mean(axis=0)) / scale


# %% wrong standardise_columns: divides by n − 1
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    low, high = np.nanmin(X, axis=0), np.nanmax(X, axis=0)
    constant = low == high
    centre = np.where(constant, low, np.nanmean(X, axis=0))
    scale = np.where(constant, 1.0, np.nanstd(X, axis=0, ddof=1))
    return (X - centre) / scale


# %% wrong standardise_columns: finds constant columns by a deviation of exactly zero
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    scale = np.nanstd(X, axis=0)
    scale[scale == 0] = 1.0
    return (X - np.nanmean(X, axis=0)) / scale


# %% wrong standardise_columns: adds a small epsilon to the deviation
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    return (X - np.nanmean(X, axis=0)) / (np.nanstd(X, axis=0) + 1e-8)


# %% wrong standardise_columns: replaces NaN by zero at the end, everywhere
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    with np.errstate(all="ignore"):
        Z = (X - np.nanmean(X, axis=0)) / np.nanstd(X, axis=0)
    return np.nan_to_num(Z, nan=0.0)


# %% wrong standardise_columns: standardises rows
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    low, high = np.nanmin(X, axis=1, keepdims=True), np.nanmax(X, axis=1, keepdims=True)
    scale = np.where(low == high, 1.0, np.nanstd(X, axis=1, keepdims=True))
    return (X - np.nanmean(X, axis=1, keepdims=True)) / scale


# %% wrong standardise_columns: works in place on the caller's table
def standardise_columns(X):
    low, high = np.nanmin(X, axis=0), np.nanmax(X, axis=0)
    constant = low == high
    centre = np.where(constant, low, np.nanmean(X, axis=0))
    scale = np.where(constant, 1.0, np.nanstd(X, axis=0))
    if X.dtype != np.float64:
        X = X.astype(np.float64)
    X -= centre
    X /= scale
    return X


# %% wrong standardise_columns: computes in float32 when the input is float32
def standardise_columns(X):
    low, high = np.nanmin(X, axis=0), np.nanmax(X, axis=0)
    constant = low == high
    centre = np.where(constant, low, np.nanmean(X, axis=0))
    scale = np.where(constant, 1.0, np.nanstd(X, axis=0))
    return ((X - centre) / scale).astype(np.float64)


# %% wrong standardise_columns: variance as mean of squares minus square of the mean
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    low, high = np.nanmin(X, axis=0), np.nanmax(X, axis=0)
    constant = low == high
    mean = np.nanmean(X, axis=0)
    variance = np.maximum(np.nanmean(X * X, axis=0) - mean**2, 0.0)
    scale = np.where(constant | (variance == 0), 1.0, np.sqrt(variance))
    return (X - np.where(constant, low, mean)) / scale


# %% wrong standardise_columns: finds constant columns exactly, but subtracts their rounded mean
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    constant = np.nanmin(X, axis=0) == np.nanmax(X, axis=0)
    return (X - np.nanmean(X, axis=0)) / np.where(constant, 1.0, np.nanstd(X, axis=0))


# %% wrong standardise_columns: takes every very small deviation for a constant column
def standardise_columns(X):
    X = np.asarray(X, dtype=np.float64)
    deviation = np.nanstd(X, axis=0)
    constant = deviation < 1e-8
    centre = np.where(constant, np.nanmin(X, axis=0), np.nanmean(X, axis=0))
    return (X - centre) / np.where(constant, 1.0, deviation)


# %% right standardise_columns: one column at a time, constant columns set afterwards
def standardise_columns(X):
    Z = np.array(X, dtype=np.float64)
    for column in Z.T:
        numbers = column[~np.isnan(column)]
        if (numbers == numbers[0]).all():
            column[~np.isnan(column)] = 0.0
        else:
            column -= numbers.mean()
            column /= numbers.std()
    return Z


# %% right standardise_columns: counts and sums with where=
def standardise_columns(X):
    X = np.array(X, dtype=np.float64)
    known = ~np.isnan(X)
    n = known.sum(axis=0)
    centred = X - X.sum(axis=0, where=known) / n
    deviation = np.sqrt((centred**2).sum(axis=0, where=known) / n)
    constant = np.nanmax(X, axis=0) - np.nanmin(X, axis=0) == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        Z = centred / deviation
    return np.where(constant & known, 0.0, Z)


# %% wrong fill_missing_in_place: binds the name to a new array
def fill_missing_in_place(X, fill):
    if fill.shape != (X.shape[1],):
        raise ValueError("one value per column")
    missing = np.isnan(X)
    X = np.where(missing, fill, X)
    return int(missing.sum())


# %% wrong fill_missing_in_place: chained indexing writes into a copy
def fill_missing_in_place(X, fill):
    if fill.shape != (X.shape[1],):
        raise ValueError("one value per column")
    missing = np.isnan(X)
    X[missing][:] = fill[np.nonzero(missing)[1]]
    return int(missing.sum())


# %% wrong fill_missing_in_place: ravel copies when X is a view with gaps
def fill_missing_in_place(X, fill):
    if fill.shape != (X.shape[1],):
        raise ValueError("one value per column")
    flat = X.ravel()
    places = np.flatnonzero(np.isnan(flat))
    flat[places] = fill[places % X.shape[1]]
    return len(places)


# %% wrong fill_missing_in_place: builds a second table and copies it back
def fill_missing_in_place(X, fill):
    if fill.shape != (X.shape[1],):
        raise ValueError("one value per column")
    missing = np.isnan(X)
    X[:] = np.where(missing, fill, X)
    return int(missing.sum())


# %% wrong fill_missing_in_place: tiles the fill to the size of the table
def fill_missing_in_place(X, fill):
    if fill.shape != (X.shape[1],):
        raise ValueError("one value per column")
    missing = np.isnan(X)
    X[missing] = np.tile(fill, (len(X), 1))[missing]
    return int(missing.sum())


# %% wrong fill_missing_in_place: refuses only a fill that is too short
def fill_missing_in_place(X, fill):
    if fill.ndim != 1 or len(fill) < X.shape[1]:
        raise ValueError("one value per column")
    rows, columns = np.nonzero(np.isnan(X))
    X[rows, columns] = fill[columns]
    return len(rows)


# %% wrong fill_missing_in_place: treats infinities as missing
def fill_missing_in_place(X, fill):
    if fill.shape != (X.shape[1],):
        raise ValueError("one value per column")
    missing = ~np.isfinite(X)
    np.copyto(X, fill, where=missing)
    return int(missing.sum())


# %% wrong fill_missing_in_place: lets a fill of another shape broadcast
def fill_missing_in_place(X, fill):
    missing = np.isnan(X)
    np.copyto(X, fill, where=missing)
    return int(missing.sum())


# %% wrong fill_missing_in_place: checks the length of fill but not its shape
def fill_missing_in_place(X, fill):
    if fill.size != X.shape[1]:
        raise ValueError("one value per column")
    missing = np.isnan(X)
    np.copyto(X, fill, where=missing)
    return int(missing.sum())


# %% wrong fill_missing_in_place: finds the wrong fill after the first columns were written
def fill_missing_in_place(X, fill):
    count = 0
    if fill.ndim != 1:
        raise ValueError("one value per column")
    for j in range(X.shape[1]):
        if j >= len(fill):
            raise ValueError("one value per column")
        column = X[:, j]
        missing = np.isnan(column)
        column[missing] = fill[j]
        count += int(missing.sum())
    return count


# %% wrong fill_missing_in_place: uses the fill of the row
def fill_missing_in_place(X, fill):
    if fill.shape != (X.shape[1],):
        raise ValueError("one value per column")
    rows, columns = np.nonzero(np.isnan(X))
    X[rows, columns] = fill[rows % len(fill)]
    return len(rows)


# %% right fill_missing_in_place: one column at a time through its own mask
def fill_missing_in_place(X, fill):
    if fill.ndim != 1 or len(fill) != X.shape[1]:
        raise ValueError("one value per column")
    count = 0
    for column, value in zip(X.T, fill):
        missing = np.isnan(column)
        column[missing] = value
        count += int(np.count_nonzero(missing))
    return count


# %% right fill_missing_in_place: positions of the holes as index arrays
def fill_missing_in_place(X, fill):
    if fill.shape != X.shape[1:]:
        raise ValueError("one value per column")
    rows, columns = np.nonzero(X != X)
    X[rows, columns] = fill[columns]
    return len(rows)


# %% wrong sliding_windows: copies the windows
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    return np.stack(
        [series[start : start + width] for start in range(0, len(series) - width + 1, step)]
    )


# %% wrong sliding_windows: leaves the window axis last
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    return np.lib.stride_tricks.sliding_window_view(series, width, axis=0)[::step]


# %% wrong sliding_windows: assumes contiguous rows when it computes strides
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    row = series.shape[1] * series.itemsize
    return np.lib.stride_tricks.as_strided(
        series,
        shape=((len(series) - width) // step + 1, width, series.shape[1]),
        strides=(step * row, row, series.itemsize),
        writeable=False,
    )


# %% wrong sliding_windows: leaves the view writable
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    time_stride, feature_stride = series.strides
    return np.lib.stride_tricks.as_strided(
        series,
        shape=((len(series) - width) // step + 1, width, series.shape[1]),
        strides=(step * time_stride, time_stride, feature_stride),
    )


# %% wrong sliding_windows: makes the caller's series read-only
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    series.flags.writeable = False
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: drops the last window when the step does not divide evenly
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step][: max(1, len(windows) // step)].swapaxes(1, 2)


# %% wrong sliding_windows: makes a contiguous copy of a strided series first
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    series = np.ascontiguousarray(series)
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: accepts a step of −1 and windows wider than the series
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    width = min(width, len(series))
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: the step also skips times inside a window
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series[::step], width, axis=0)
    return windows.swapaxes(1, 2)


# %% wrong sliding_windows: predicts the strides of windows that leave the step out
def window_strides(strides, step=1):
    return (strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: predicts the strides with the window axis last
def window_strides(strides, step=1):
    return (step * strides[0], strides[1], strides[0])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: predicts the strides as if the step also skipped times
def window_strides(strides, step=1):
    return (step * strides[0], step * strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: predicts strides without their signs
def window_strides(strides, step=1):
    return (step * abs(strides[0]), abs(strides[0]), abs(strides[1]))


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: predicts strides for features that are neighbours in memory
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], 8)


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return windows[::step].swapaxes(1, 2)


# %% wrong sliding_windows: transposes by reshape
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2 or width < 1 or step < 1 or width > len(series):
        raise ValueError("bad arguments")
    windows = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)[::step]
    return windows.reshape(len(windows), width, series.shape[1])


# %% right sliding_windows: as_strided with the strides of the series
def window_strides(strides, step=1):
    return (step * strides[0], strides[0], strides[1])


def sliding_windows(series, width, step=1):
    if series.ndim != 2:
        raise ValueError("the series must be 2-D")
    n_times, n_features = series.shape
    if not (1 <= width <= n_times and step >= 1):
        raise ValueError("width or step out of range")
    time_stride, feature_stride = series.strides
    return np.lib.stride_tricks.as_strided(
        series,
        shape=((n_times - width) // step + 1, width, n_features),
        strides=(step * time_stride, time_stride, feature_stride),
        writeable=False,
    )


# %% right sliding_windows: a two-dimensional window over both axes
def window_strides(strides, step=1):
    between_times, between_features = (int(n) for n in strides)
    between_windows = sum(between_times for _ in range(step))
    return (between_windows, between_times, between_features)


def sliding_windows(series, width, step=1):
    if np.ndim(series) != 2 or width < 1 or step < 1 or width > series.shape[0]:
        raise ValueError("bad arguments")
    window = (width, series.shape[1])
    return np.lib.stride_tricks.sliding_window_view(series, window)[::step, 0]


# %% wrong changed_pixels: repairs the subtraction only
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = np.maximum(before, after) - np.minimum(before, after)
    total = np.zeros(difference.shape[:2], dtype=difference.dtype)
    for channel in range(difference.shape[2]):
        total += difference[:, :, channel]
    return total > threshold


# %% wrong changed_pixels: widens after the subtraction
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = np.abs((after - before).astype(np.int64))
    return difference.sum(axis=2) > threshold


# %% wrong changed_pixels: int16 is too narrow for uint16 frames
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = np.abs(after.astype(np.int16) - before.astype(np.int16))
    return difference.sum(axis=2) > threshold


# %% wrong changed_pixels: reinterprets the difference as signed
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = np.abs((after - before).astype(np.int8).astype(np.int64))
    return difference.sum(axis=2) > threshold


# %% wrong changed_pixels: counts a change equal to the threshold
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = np.abs(after.astype(np.int64) - before.astype(np.int64))
    return difference.sum(axis=2) >= threshold


# %% wrong changed_pixels: frames of different shapes broadcast
def changed_pixels(before, after, threshold):
    difference = np.abs(after.astype(np.int64) - before.astype(np.int64))
    return difference.sum(axis=2) > threshold


# %% wrong changed_pixels: assumes three channels
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = np.abs(after.astype(np.int64) - before.astype(np.int64))
    total = difference[..., 0]
    if difference.shape[2] > 1:
        total = total + difference[..., 1] + difference[..., 2]
    return total > threshold


# %% wrong changed_pixels: the sum of the changes may cancel between channels
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = after.astype(np.int64) - before.astype(np.int64)
    return np.abs(difference.sum(axis=2)) > threshold


# %% right changed_pixels: stays unsigned until a wide sum
def changed_pixels(before, after, threshold):
    if before.shape != after.shape:
        raise ValueError("frames of different shapes")
    difference = np.where(after > before, after - before, before - after)
    return difference.sum(axis=-1, dtype=np.uint64) > threshold


# %% right changed_pixels: in floats, which hold these integers exactly
def changed_pixels(before, after, threshold):
    if np.shape(before) != np.shape(after):
        raise ValueError("frames of different shapes")
    total = np.zeros(before.shape[:2])
    for channel in range(before.shape[2]):
        total += np.abs(np.subtract(after[..., channel], before[..., channel], dtype=np.float64))
    return total > threshold


# %% wrong pairwise_distances: broadcasts to (n, m, d)
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    return np.sqrt(((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2))


# %% wrong pairwise_distances: square root of values below zero
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    centre = B.mean(axis=0)
    A, B = A - centre, B - centre
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.sqrt(squared)


# %% wrong pairwise_distances: three terms without moving the points to the origin
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.sqrt(np.maximum(squared, 0))


# %% wrong pairwise_distances: absolute value instead of clipping, and no centring
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.sqrt(np.abs(squared))


# %% wrong pairwise_distances: squared distances
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    centre = B.mean(axis=0)
    A, B = A - centre, B - centre
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.maximum(squared, 0)


# %% wrong pairwise_distances: loops over the rows
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    return np.array([np.linalg.norm(B - row, axis=1) for row in A])


# %% wrong pairwise_distances: loops over the rows of B
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    return np.stack([np.linalg.norm(A - row, axis=1) for row in B], axis=1)


# %% wrong pairwise_distances: keeps the dtype of the input
def pairwise_distances(A, B):
    centre = B.mean(axis=0, dtype=B.dtype if B.dtype.kind == "f" else np.float64)
    A, B = A - centre, B - centre
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.sqrt(np.maximum(squared, 0))


# %% wrong pairwise_distances: float32 input is widened at the end only
def pairwise_distances(A, B):
    centre = B.mean(axis=0)
    A, B = A - centre, B - centre
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.sqrt(np.maximum(squared, 0)).astype(np.float64)


# %% wrong pairwise_distances: centres the caller's arrays in place
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    centre = B.mean(axis=0)
    A -= centre
    if not np.shares_memory(A, B):
        B -= centre
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.sqrt(np.maximum(squared, 0))


# %% wrong pairwise_distances: centres each set by its own mean
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    A, B = A - A.mean(axis=0), B - B.mean(axis=0)
    squared = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.sqrt(np.maximum(squared, 0))


# %% right pairwise_distances: adds up one feature at a time
def pairwise_distances(A, B):
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    squared = np.zeros((len(A), len(B)))
    for a, b in zip(A.T, B.T):
        squared += (a[:, None] - b) ** 2
    return np.sqrt(squared)


# %% right pairwise_distances: einsum for the norms, centred on the first point
def pairwise_distances(A, B):
    origin = np.array(A[0], dtype=np.float64)
    A, B = A - origin, B - origin
    squared = A @ B.T
    squared *= -2
    squared += np.einsum("ij,ij->i", A, A)[:, np.newaxis]
    squared += np.einsum("ij,ij->i", B, B)[np.newaxis, :]
    return np.sqrt(squared.clip(min=0))
