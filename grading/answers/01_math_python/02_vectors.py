"""Known answers of lesson 1.2: mistakes people make with vectors, and right answers in other words.

Each chunk is what a person would type into the solution cell; it uses the notebook's imports.
"""


# %% wrong cosine_similarity: divides by the squared lengths
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    if not a.any() or not b.any():
        return 0.0
    return float(np.clip(a @ b / ((a @ a) * (b @ b)), -1, 1))


# %% wrong cosine_similarity: NaN for a zero vector
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(cosine, -1.0, 1.0))


# %% wrong cosine_similarity: returns the size of the agreement, without its sign
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return 0.0 if lengths == 0 else float(min(1.0, abs(a @ b) / lengths))


# %% wrong cosine_similarity: adds an epsilon to the denominator
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-15)
    return float(np.clip(cosine, -1.0, 1.0))


# %% wrong cosine_similarity: multiplies in the dtype of the inputs
def cosine_similarity(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    if lengths == 0:
        return 0.0
    return float(np.clip(np.dot(a, b) / lengths, -1.0, 1.0))


# %% wrong cosine_similarity: lets rounding push the result above 1
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=np.float64)
    b = np.asarray(b, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    if lengths == 0:
        return 0.0
    return float(a @ b / lengths)


# %% wrong cosine_similarity: broadcasts vectors of different lengths
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=np.float64)
    b = np.asarray(b, dtype=np.float64)
    lengths = np.sqrt((a**2).sum()) * np.sqrt((b**2).sum())
    if lengths == 0:
        return 0.0
    return float(np.clip((a * b).sum() / lengths, -1.0, 1.0))


# %% wrong cosine_similarity: the usual 1e-8 in the denominator
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-8)
    return float(np.clip(cosine, -1.0, 1.0))


# %% wrong cosine_similarity: multiplies the squared lengths, which underflow
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    lengths = np.sqrt((a @ a) * (b @ b))
    return 0.0 if lengths == 0 else float(np.clip(a @ b / lengths, -1.0, 1.0))


# %% wrong cosine_similarity: answers 0 for a zero or empty vector before it compares the shapes
def cosine_similarity(a, b):
    a = np.asarray(a, dtype=np.float64)
    b = np.asarray(b, dtype=np.float64)
    if a.ndim == b.ndim == 1 and (not a.any() or not b.any()):
        return 0.0
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError("shapes differ")
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return float(np.clip(a @ b / lengths, -1.0, 1.0))


# %% right cosine_similarity: plain Python with fsum and hypot
def cosine_similarity(a, b):
    import math

    if np.ndim(a) != 1 or np.shape(a) != np.shape(b):
        raise ValueError(f"need two vectors of one length: {np.shape(a)} and {np.shape(b)}")
    a = [float(x) for x in a]
    b = [float(x) for x in b]
    size_a, size_b = math.hypot(*a), math.hypot(*b)
    if size_a == 0 or size_b == 0:
        return 0.0
    cosine = math.fsum((x / size_a) * (y / size_b) for x, y in zip(a, b))
    return max(-1.0, min(1.0, cosine))


# %% right cosine_similarity: scales both vectors to length 1 first
def cosine_similarity(a, b):
    a = np.array(a, dtype=np.float64)
    b = np.array(b, dtype=np.float64)
    if a.ndim != 1 or b.ndim != 1 or len(a) != len(b):
        raise ValueError("expected two vectors of the same length")
    for v in (a, b):
        size = np.sqrt(np.einsum("i,i->", v, v))
        if size == 0:
            return 0.0
        v /= size
    return float(max(-1.0, min(1.0, np.einsum("i,i->", a, b))))


# %% wrong best_match_axis: takes the best over the query axis
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q_len = np.linalg.norm(q, axis=1, keepdims=True)
    c_len = np.linalg.norm(c, axis=1, keepdims=True)
    q = q / np.where(q_len == 0, 1, q_len)
    c = c / np.where(c_len == 0, 1, c_len)
    scores = q @ c.T
    return scores.argmax(axis=0), scores.max(axis=0)


# %% wrong best_match_axis: still scales the columns
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q_len = np.linalg.norm(q, axis=0)
    c_len = np.linalg.norm(c, axis=0)
    scores = (q / np.where(q_len == 0, 1, q_len)) @ (c / np.where(c_len == 0, 1, c_len)).T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: row lengths without keepdims
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    q = q / np.linalg.norm(q, axis=1)
    c = c / np.linalg.norm(c, axis=1)
    scores = q @ c.T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: leaves the queries at their own length
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    lengths = np.linalg.norm(c, axis=1, keepdims=True)
    scores = q @ (c / np.where(lengths == 0, 1, lengths)).T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: NaN for zero rows, and NaN wins the argmax
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    c = c / np.linalg.norm(c, axis=1, keepdims=True)
    scores = q @ c.T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: scales the caller's arrays in place
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    for table in (q, c):
        lengths = np.linalg.norm(table, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        table /= lengths
    scores = q @ c.T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: adds an epsilon to the lengths
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q = q / (np.linalg.norm(q, axis=1, keepdims=True) + 1e-12)
    c = c / (np.linalg.norm(c, axis=1, keepdims=True) + 1e-12)
    scores = q @ c.T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: no length below 1e-12
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q = q / np.maximum(np.linalg.norm(q, axis=1, keepdims=True), 1e-12)
    c = c / np.maximum(np.linalg.norm(c, axis=1, keepdims=True), 1e-12)
    scores = q @ c.T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: the last of an argsort, so the highest of two equal rows
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q_len = np.linalg.norm(q, axis=1, keepdims=True)
    c_len = np.linalg.norm(c, axis=1, keepdims=True)
    scores = (q / np.where(q_len == 0, 1, q_len)) @ (c / np.where(c_len == 0, 1, c_len)).T
    rows = np.argsort(scores, axis=1, kind="stable")[:, -1]
    return rows, scores.max(axis=1)


# %% wrong best_match_axis: returns plain lists
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q_len = np.linalg.norm(q, axis=1, keepdims=True)
    c_len = np.linalg.norm(c, axis=1, keepdims=True)
    scores = (q / np.where(q_len == 0, 1, q_len)) @ (c / np.where(c_len == 0, 1, c_len)).T
    return scores.argmax(axis=1).tolist(), scores.max(axis=1).tolist()


# %% wrong best_match_axis: takes arrays only, not nested lists
def best_match(queries, catalogue):
    q = queries.astype(float)
    c = catalogue.astype(float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    q_len = np.linalg.norm(q, axis=1, keepdims=True)
    c_len = np.linalg.norm(c, axis=1, keepdims=True)
    scores = (q / np.where(q_len == 0, 1, q_len)) @ (c / np.where(c_len == 0, 1, c_len)).T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: float row numbers when there are no queries
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if q.shape[1] != c.shape[1] or len(c) == 0:
        raise ValueError("shapes do not fit")
    if len(q) == 0:
        return np.array([]), np.array([])
    q_len = np.linalg.norm(q, axis=1, keepdims=True)
    c_len = np.linalg.norm(c, axis=1, keepdims=True)
    scores = (q / np.where(q_len == 0, 1, q_len)) @ (c / np.where(c_len == 0, 1, c_len)).T
    return scores.argmax(axis=1), scores.max(axis=1)


# %% wrong best_match_axis: broadcasts a table of width 1
def best_match(queries, catalogue):
    q = np.asarray(queries, dtype=float)
    c = np.asarray(catalogue, dtype=float)
    if len(c) == 0:
        raise ValueError("shapes do not fit")
    q_len = np.linalg.norm(q, axis=1, keepdims=True)
    c_len = np.linalg.norm(c, axis=1, keepdims=True)
    q = q / np.where(q_len == 0, 1, q_len)
    c = c / np.where(c_len == 0, 1, c_len)
    scores = (q[:, None, :] * c[None, :, :]).sum(axis=2)
    return scores.argmax(axis=1), scores.max(axis=1)


# %% right best_match_axis: divides the table of dot products by the outer product of lengths
def best_match(queries, catalogue):
    q = np.array(queries, dtype=np.float64, ndmin=2)
    c = np.array(catalogue, dtype=np.float64, ndmin=2)
    if len(c) == 0:
        raise ValueError("the catalogue is empty")
    dots = np.einsum("id,jd->ij", q, c) if q.shape[1] == c.shape[1] else None
    if dots is None:
        raise ValueError("the widths differ")
    sizes = np.outer(np.sqrt((q * q).sum(axis=1)), np.sqrt((c * c).sum(axis=1)))
    cosines = np.divide(dots, sizes, out=np.zeros_like(dots), where=sizes > 0)
    rows = np.argmax(cosines, axis=1)
    return rows, np.take_along_axis(cosines, rows[:, None], axis=1)[:, 0]


# %% right best_match_axis: one query at a time
def best_match(queries, catalogue):
    queries = np.asarray(queries, dtype=float)
    catalogue = np.asarray(catalogue, dtype=float)
    if catalogue.shape[0] == 0 or queries.shape[1] != catalogue.shape[1]:
        raise ValueError("cannot match")
    c_len = np.linalg.norm(catalogue, axis=1)
    rows = np.zeros(len(queries), dtype=int)
    scores = np.zeros(len(queries))
    for i, q in enumerate(queries):
        size = c_len * np.linalg.norm(q)
        size[size == 0] = 1.0
        cosines = catalogue @ q / size
        rows[i] = cosines.argmax()
        scores[i] = cosines[rows[i]]
    return rows, scores


# %% wrong project_onto: divides by the length instead of the length squared
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    size = np.linalg.norm(direction)
    if size == 0:
        raise ValueError("zero direction")
    return (vectors @ direction / size)[..., None] * direction


# %% wrong project_onto: returns the residual
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    if not direction.any():
        raise ValueError("zero direction")
    share = vectors @ direction / (direction @ direction)
    return vectors - share[..., None] * direction


# %% wrong project_onto: returns the coefficients
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    if not direction.any():
        raise ValueError("zero direction")
    return vectors @ direction / (direction @ direction)


# %% wrong project_onto: one coefficient per row meets one column each
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    if not direction.any():
        raise ValueError("zero direction")
    share = vectors @ direction / (direction @ direction)
    return share * np.broadcast_to(direction, vectors.shape)


# %% wrong project_onto: squeezes, so a table of one row loses its axis
def project(vectors, direction):
    vectors = np.atleast_2d(np.asarray(vectors, dtype=float))
    direction = np.asarray(direction, dtype=float)
    if not direction.any():
        raise ValueError("zero direction")
    share = vectors @ direction / (direction @ direction)
    return np.outer(share, direction).squeeze()


# %% wrong project_onto: normalises the caller's direction in place
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    size = np.linalg.norm(direction)
    if size == 0:
        raise ValueError("zero direction")
    direction /= size
    return (vectors @ direction)[..., None] * direction


# %% wrong project_onto: NaN for a zero direction
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    share = vectors @ direction / (direction @ direction)
    return share[..., None] * direction


# %% wrong project_onto: computes in the dtype of the inputs
def project(vectors, direction):
    vectors, direction = np.asarray(vectors), np.asarray(direction)
    if not direction.any():
        raise ValueError("zero direction")
    share = np.sum(vectors * direction, axis=-1, dtype=vectors.dtype) / (direction @ direction)
    return np.asarray(share)[..., None] * direction


# %% wrong project_onto: takes a short direction for zero
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    size = np.linalg.norm(direction)
    if size < 1e-12:
        raise ValueError("zero direction")
    u = direction / size
    return (vectors @ u)[..., None] * u


# %% wrong project_onto: adds an epsilon to the squared length
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    if not direction.any():
        raise ValueError("zero direction")
    share = vectors @ direction / (direction @ direction + 1e-20)
    return share[..., None] * direction


# %% wrong project_onto: turns one vector into a table
def project(vectors, direction):
    vectors = np.atleast_2d(np.asarray(vectors, dtype=float))
    direction = np.asarray(direction, dtype=float)
    if not direction.any():
        raise ValueError("zero direction")
    share = vectors @ direction / (direction @ direction)
    return share[:, None] * direction


# %% wrong project_onto: broadcasts a direction or a table of width 1
def project(vectors, direction):
    vectors = np.asarray(vectors, dtype=float)
    direction = np.asarray(direction, dtype=float)
    if not direction.any():
        raise ValueError("zero direction")
    share = (vectors * direction).sum(axis=-1) / (direction**2).sum()
    return share[..., None] * direction


# %% right project_onto: as a projection matrix
def project(vectors, direction):
    u = np.array(direction, dtype=np.float64)
    length = np.linalg.norm(u)
    if length == 0:
        raise ValueError("direction must not be zero")
    u = u / length
    return np.asarray(vectors, dtype=np.float64) @ np.outer(u, u)


# %% right project_onto: row by row
def project(vectors, direction):
    table = np.array(vectors, dtype=np.float64)
    u = np.array(direction, dtype=np.float64)
    if table.shape[-1] != len(u) or not np.any(u):
        raise ValueError("widths differ, or the direction is zero")
    rows = table.reshape(-1, len(u))
    out = np.zeros_like(rows)
    for i, v in enumerate(rows):
        out[i] = np.dot(v, u) / np.dot(u, u) * u
    return out.reshape(table.shape)


# %% wrong gram_schmidt: projects on the original rows instead of the basis so far
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    kept, basis = [], []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for u in kept:
                r = r - (v @ u) / (u @ u) * u
        if np.linalg.norm(r) > rtol * np.linalg.norm(v):
            kept.append(v)
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: never scales to length 1
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    basis = []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) / (q @ q) * q
        if np.linalg.norm(r) > rtol * np.linalg.norm(v):
            basis.append(r)
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: one pass of the classical formula
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    basis = np.empty((0, vectors.shape[1]))
    for v in vectors:
        r = v - basis.T @ (basis @ v)
        if np.linalg.norm(r) > rtol * np.linalg.norm(v):
            basis = np.vstack([basis, r / np.linalg.norm(r)])
    return basis


# %% wrong gram_schmidt: one pass of the modified formula
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    basis = []
    for v in vectors:
        r = v.copy()
        for q in basis:
            r -= (q @ r) * q
        if np.linalg.norm(r) > rtol * np.linalg.norm(v):
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: drops a row only if nothing at all is left
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    basis = []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) * q
        if np.linalg.norm(r) > 0:
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: drops below the tolerance, not at it, so a zero row becomes NaN
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    basis = []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) * q
        if np.linalg.norm(r) < rtol * np.linalg.norm(v):
            continue
        basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: an absolute tolerance
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    basis = []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) * q
        if np.linalg.norm(r) > rtol:
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: np.linalg.qr with the library's signs and no rank
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    return np.linalg.qr(vectors.T)[0].T


# %% wrong gram_schmidt: works on the columns
def gram_schmidt(vectors, rtol=1e-10):
    columns = np.asarray(vectors, dtype=float).T
    basis = []
    for v in columns:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) * q
        if np.linalg.norm(r) > rtol * np.linalg.norm(v):
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, columns.shape[1])


# %% wrong gram_schmidt: a tolerance relative to the longest row
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    scale = np.linalg.norm(vectors, axis=1).max(initial=0.0)
    basis = []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) * q
        if np.linalg.norm(r) > rtol * scale:
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: a tolerance relative to the first row
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    scale = np.linalg.norm(vectors[0]) if len(vectors) else 0.0
    basis = []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) * q
        if np.linalg.norm(r) > rtol * scale:
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% wrong gram_schmidt: a tolerance relative to the whole table
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2:
        raise ValueError("expected rows")
    scale = np.linalg.norm(vectors)
    basis = []
    for v in vectors:
        r = v.copy()
        for _ in range(2):
            for q in basis:
                r -= (q @ r) * q
        if np.linalg.norm(r) > rtol * scale:
            basis.append(r / np.linalg.norm(r))
    return np.array(basis).reshape(-1, vectors.shape[1])


# %% right gram_schmidt: modified formula, three passes, rows scaled before they start
def gram_schmidt(vectors, rtol=1e-10):
    table = np.array(vectors, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"expected (n, d), got {table.shape}")
    found = np.zeros((min(table.shape), table.shape[1]))
    rank = 0
    for v in table:
        size = np.sqrt(v @ v)
        if size == 0:
            continue
        r = v / size
        for _ in range(3):
            for q in found[:rank]:
                r = r - np.dot(q, r) * q
        left = np.sqrt(r @ r)
        if left > rtol:
            found[rank] = r / left
            rank += 1
            if rank == len(found):
                break
    return found[:rank]


# %% right gram_schmidt: QR of what is kept, with the signs put right
def gram_schmidt(vectors, rtol=1e-10):
    vectors = np.asarray(vectors, dtype=np.float64)
    if vectors.ndim != 2:
        raise ValueError("one vector per row, please")
    kept = np.empty((0, vectors.shape[1]))
    Q = kept
    for v in vectors:
        size = np.linalg.norm(v)
        if size == 0:
            continue
        unit = v / size
        r = unit - Q.T @ (Q @ unit)
        r -= Q.T @ (Q @ r)
        if np.linalg.norm(r) <= rtol:
            continue
        kept = np.vstack([kept, unit])
        Q, R = np.linalg.qr(kept.T)
        Q = (Q * np.where(np.diag(R) < 0, -1.0, 1.0)).T
    return Q


# %% wrong top_k_scores: argpartition keeps arbitrary rows among ties
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    eligible = ~np.isnan(scores)
    eligible[list(exclude)] = False
    rows = np.flatnonzero(eligible)
    k = min(k, len(rows))
    if k == 0:
        return rows[:0]
    chosen = rows[np.argpartition(-scores[rows], k - 1)[:k]]
    return chosen[np.lexsort((chosen, -scores[chosen]))]


# %% wrong top_k_scores: the k best in the order of the partition
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    eligible = ~np.isnan(scores)
    eligible[list(exclude)] = False
    rows = np.flatnonzero(eligible)
    k = min(k, len(rows))
    return rows[:0] if k == 0 else rows[np.argpartition(-scores[rows], k - 1)[:k]]


# %% wrong top_k_scores: excluded rows come back as minus infinity
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    scores = np.array(scores)
    scores[list(exclude)] = -np.inf
    rows = np.flatnonzero(~np.isnan(scores))
    k = min(k, len(rows))
    if k == 0:
        return rows[:0]
    values = scores[rows]
    kth = np.partition(values, len(values) - k)[len(values) - k]
    above = rows[values > kth]
    chosen = np.concatenate([above, rows[values == kth][: k - len(above)]])
    return chosen[np.lexsort((chosen, -scores[chosen]))]


# %% wrong top_k_scores: marks the excluded rows in the caller's scores
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    exclude = list(exclude)
    left = len(scores) - len(set(int(e) for e in exclude))
    if exclude:
        scores[exclude] = np.nan
    rows = np.flatnonzero(~np.isnan(scores))
    k = min(k, left, len(rows))
    if k == 0:
        return rows[:0]
    values = scores[rows]
    kth = np.partition(values, len(values) - k)[len(values) - k]
    above = rows[values > kth]
    chosen = np.concatenate([above, rows[values == kth][: k - len(above)]])
    return chosen[np.lexsort((chosen, -scores[chosen]))]


# %% wrong top_k_scores: sorts everything
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    banned = np.isnan(scores)
    banned[list(exclude)] = True
    order = np.argsort(-scores, kind="stable")
    return order[~banned[order]][:k]


# %% wrong top_k_scores: reversed argsort, so NaN and the higher of two ties come first
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    order = [i for i in np.argsort(scores)[::-1] if i not in set(exclude)]
    return np.array(order[:k], dtype=int)


# %% wrong top_k_scores: a heap over Python numbers, one by one
def top_k(scores, k, exclude=()):
    import heapq

    if k < 0:
        raise ValueError("k < 0")
    banned = {int(e) for e in exclude}
    left = [(-s, i) for i, s in enumerate(scores.tolist()) if s == s and i not in banned]
    return np.array([i for _, i in heapq.nsmallest(k, left)], dtype=int)


# %% wrong top_k_scores: an empty result is a float array
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    eligible = ~np.isnan(scores)
    eligible[list(exclude)] = False
    rows = np.flatnonzero(eligible)
    k = min(k, len(rows))
    if k == 0:
        return np.array([])
    values = scores[rows]
    kth = np.partition(values, len(values) - k)[len(values) - k]
    above = rows[values > kth]
    chosen = np.concatenate([above, rows[values == kth][: k - len(above)]])
    return chosen[np.lexsort((chosen, -scores[chosen]))]


# %% wrong top_k_scores: searches all scores again for each of the k places
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k < 0")
    eligible = ~np.isnan(scores)
    eligible[list(exclude)] = False
    rows = np.flatnonzero(eligible)
    left = np.array(scores[rows])
    found = []
    for _ in range(min(k, len(rows))):
        best = int(np.argmax(left))
        if left[best] == -np.inf:  # nothing finite is left: the other rows, in order
            taken = set(found)
            found += [i for i in range(len(rows)) if i not in taken][: k - len(found)]
            break
        found.append(best)
        left[best] = -np.inf
    return rows[np.array(found, dtype=int)]


# %% right top_k_scores: sorts only what reaches the k-th best value
def top_k(scores, k, exclude=()):
    if k < 0:
        raise ValueError("k must not be negative")
    banned = np.isnan(scores)
    for row in exclude:
        banned[row] = True
    rows = np.nonzero(~banned)[0]
    if k == 0 or rows.size == 0:
        return np.zeros(0, dtype=np.intp)
    losses = -scores[rows]
    if k < rows.size:
        candidates = np.flatnonzero(losses <= np.partition(losses, k - 1)[k - 1])
    else:
        candidates = np.arange(rows.size)
    order = np.argsort(losses[candidates], kind="stable")[:k]
    return rows[candidates[order]]


# %% right top_k_scores: argpartition, then the border repaired
def top_k(scores, k, exclude=()):
    scores = np.asarray(scores)
    if k < 0:
        raise ValueError(k)
    mask = np.isnan(scores)
    if len(exclude):
        mask[np.array(list(exclude), dtype=int)] = True
    rows = np.flatnonzero(~mask) if mask.any() else np.arange(len(scores))
    if k < len(rows):
        values = scores[rows]
        border = values[np.argpartition(values, len(rows) - k - 1)[len(rows) - k - 1 :]]
        kth = np.sort(border)[-k] if k else np.inf
        surely = rows[values > kth]
        rows = np.concatenate([surely, rows[values == kth][: k - len(surely)]])[:k]
    return np.array(sorted(rows, key=lambda i: (-scores[i], i)), dtype=int)


# %% wrong word_index: returns the word itself as its nearest neighbour
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k)

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: the query keeps its length, so the scores are not cosines
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ q
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: analogies with vectors of their original length
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.vectors = vectors
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.vectors[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        v = {w: self.vectors[self.row[w]] for w in (a, b, c)}
        return self.search(v[b] - v[a] + v[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: a - b + c, the arrow backwards
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[a] - u[b] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: normalises the caller's vectors in place
class WordIndex:
    def __init__(self, words, vectors):
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        vectors /= lengths
        self.unit = vectors.astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: zero rows become NaN
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / lengths).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: takes k first and removes the excluded words afterwards
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable")[: k + 1] if i not in banned]
        return [(self.words[i], float(scores[i])) for i in order[:k]]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k + 2, (a, b, c) if exclude_inputs else ())[:k]


# %% wrong word_index: scores leave the class as np.float32
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], scores[i]) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: reversed argsort, so equal scores come last row first
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(scores, kind="stable")[::-1] if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: converts to float32 before dividing
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float32)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = vectors / np.where(lengths == 0, 1, lengths)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float32)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q))
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: adds an epsilon to the lengths
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / (lengths + 1e-8)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / (np.linalg.norm(q) + 1e-8)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% wrong word_index: ten results unless told otherwise
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors, dtype=np.float64)
        if len(words) != len(vectors):
            raise ValueError("words and vectors differ")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
        self.words = list(words)
        self.row = {w: i for i, w in enumerate(words)}

    def search(self, vector, k=10, exclude=()):
        q = np.asarray(vector, dtype=np.float64)
        if not q.any():
            raise ValueError("zero query")
        scores = self.unit @ (q / np.linalg.norm(q)).astype(np.float32)
        banned = {self.row[w] for w in exclude}
        order = [i for i in np.argsort(-scores, kind="stable") if i not in banned][:k]
        return [(self.words[i], float(scores[i])) for i in order]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.row[word]], k, [word])

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        u = {w: self.unit[self.row[w]] for w in (a, b, c)}
        return self.search(u[b] - u[a] + u[c], k, (a, b, c) if exclude_inputs else ())


# %% right word_index: float64 inside, full sort, no help from earlier exercises
class WordIndex:
    def __init__(self, words, vectors):
        table = np.array(vectors, dtype=np.float64)
        if len(table) != len(words):
            raise ValueError(f"{len(words)} words, {len(table)} rows")
        for row in table:
            size = np.sqrt(row @ row)
            if size > 0:
                row /= size
        self.words = tuple(words)
        self.unit = table.astype(np.float32)
        self._rows = dict(zip(self.words, range(len(table))))

    def _vector(self, word):
        return self.unit[self._rows[word]].astype(np.float64)

    def search(self, vector, k=5, exclude=()):
        query = np.array(vector, dtype=np.float64)
        if not np.any(query):
            raise ValueError("a zero query")
        cosines = self.unit @ (query / np.sqrt(query @ query))
        out = {self._rows[word] for word in exclude}
        order = sorted(set(range(len(self.words))) - out, key=lambda i: (-cosines[i], i))
        return [(self.words[i], cosines[i].item()) for i in order[:k]]

    def neighbours(self, word, k=5):
        return self.search(self._vector(word), k=k, exclude={word})

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        target = self._vector(c) + self._vector(b) - self._vector(a)
        return self.search(target, k=k, exclude={a, b, c} if exclude_inputs else set())


# %% right word_index: marks excluded rows and drops them after the sort
class WordIndex:
    def __init__(self, words, vectors):
        vectors = np.asarray(vectors)
        if vectors.shape[0] != len(words):
            raise ValueError("one vector per word")
        size = np.sqrt((vectors.astype(np.float64) ** 2).sum(axis=1))
        size[size == 0] = np.inf
        self.unit = (vectors / size[:, None]).astype(np.float32)
        self.words = list(words)
        self.at = {word: i for i, word in enumerate(words)}

    def search(self, vector, k=5, exclude=()):
        vector = np.asarray(vector, dtype=np.float64)
        size = np.sqrt(np.sum(vector**2))
        if size == 0:
            raise ValueError("zero vector")
        scores = (self.unit @ vector / size).tolist()
        keep = np.ones(len(scores), dtype=bool)
        for word in exclude:
            keep[self.at[word]] = False
        pairs = [(self.words[i], scores[i]) for i in np.flatnonzero(keep)]
        return sorted(pairs, key=lambda pair: -pair[1])[:k]

    def neighbours(self, word, k=5):
        return self.search(self.unit[self.at[word]], k, (word,))

    def analogy(self, a, b, c, k=5, exclude_inputs=True):
        target = self.unit[self.at[b]] - self.unit[self.at[a]] + self.unit[self.at[c]]
        skip = (a, b, c) if exclude_inputs else ()
        return self.search(target, k, skip)
