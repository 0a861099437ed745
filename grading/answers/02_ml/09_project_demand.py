"""Known answers of lesson 2.9 Project: how many bikes tomorrow?

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong hourly_grid: leaves out days without a row
def hourly_grid(table):
    if len(table) == 0 or table.duplicated(["day", "hr"]).any():
        raise ValueError("no rows or a repeated hour")
    if not table["hr"].between(0, 23).all() or not (table["bikers"] >= 0).all():
        raise ValueError("hours or bikers")
    wide = table.pivot(index="day", columns="hr", values="bikers").reindex(columns=range(24))
    return wide.index.to_numpy(), wide.fillna(0).to_numpy(float), wide.notna().to_numpy()


# %% wrong hourly_grid: takes the rows in their order
def hourly_grid(table):
    if len(table) == 0 or table.duplicated(["day", "hr"]).any():
        raise ValueError("no rows or a repeated hour")
    if not table["hr"].between(0, 23).all() or not (table["bikers"] >= 0).all():
        raise ValueError("hours or bikers")
    days = np.arange(table["day"].min(), table["day"].max() + 1)
    rides = np.zeros((len(days), 24))
    ordered = np.sort(table["bikers"].to_numpy(float))
    rides[np.sort(table["day"].to_numpy()) - days[0], table["hr"].to_numpy()] = ordered
    return days, rides, rides > 0


# %% wrong hourly_grid: an hour with 0 bikers counts as unknown
def hourly_grid(table):
    if len(table) == 0 or table.duplicated(["day", "hr"]).any():
        raise ValueError("no rows or a repeated hour")
    if not table["hr"].between(0, 23).all() or not (table["bikers"] >= 0).all():
        raise ValueError("hours or bikers")
    days = np.arange(table["day"].min(), table["day"].max() + 1)
    rides = np.zeros((len(days), 24))
    rides[table["day"].to_numpy() - days[0], table["hr"].to_numpy()] = table["bikers"]
    return days, rides, rides > 0


# %% wrong hourly_grid: lets a repeated hour overwrite the first
def hourly_grid(table):
    if len(table) == 0:
        raise ValueError("no rows")
    if not table["hr"].between(0, 23).all() or not (table["bikers"] >= 0).all():
        raise ValueError("hours or bikers")
    days = np.arange(table["day"].min(), table["day"].max() + 1)
    rides, known = np.zeros((len(days), 24)), np.zeros((len(days), 24), dtype=bool)
    rows = table["day"].to_numpy() - days[0], table["hr"].to_numpy()
    rides[rows], known[rows] = table["bikers"], True
    return days, rides, known


# %% wrong hourly_grid: a missing number of bikers becomes 0
def hourly_grid(table):
    if len(table) == 0 or table.duplicated(["day", "hr"]).any():
        raise ValueError("no rows or a repeated hour")
    if not table["hr"].between(0, 23).all() or (table["bikers"] < 0).any():
        raise ValueError("hours or bikers")
    days = np.arange(table["day"].min(), table["day"].max() + 1)
    rides, known = np.zeros((len(days), 24)), np.zeros((len(days), 24), dtype=bool)
    rows = table["day"].to_numpy() - days[0], table["hr"].to_numpy()
    rides[rows], known[rows] = table["bikers"].fillna(0), True
    return days, rides, known


# %% wrong hourly_grid: fills the holes by interpolation
def hourly_grid(table):
    if len(table) == 0 or table.duplicated(["day", "hr"]).any():
        raise ValueError("no rows or a repeated hour")
    if not table["hr"].between(0, 23).all() or not (table["bikers"] >= 0).all():
        raise ValueError("hours or bikers")
    days = np.arange(table["day"].min(), table["day"].max() + 1)
    grid = pd.MultiIndex.from_product([days, range(24)])
    series = table.set_index(["day", "hr"])["bikers"].reindex(grid)
    known = series.notna().to_numpy().reshape(-1, 24)
    return days, series.interpolate().bfill().to_numpy(float).reshape(-1, 24), known


# %% right hourly_grid: pivot and reindex
def hourly_grid(table):
    if len(table) == 0:
        raise ValueError("no rows")
    if not table["hr"].between(0, 23).all() or not (table["bikers"] >= 0).all():
        raise ValueError("hours or bikers")
    days = np.arange(table["day"].min(), table["day"].max() + 1)
    wide = table.pivot(index="day", columns="hr", values="bikers")  # refuses a repeated hour
    wide = wide.reindex(index=days, columns=range(24))
    return days, wide.fillna(0).to_numpy(float), wide.notna().to_numpy()


# %% wrong backtest: hands out a slice
def backtest(rides, fit, first, refit_every):
    if not 1 <= first < len(rides) or refit_every < 1:
        raise ValueError("first or refit_every")
    out = []
    for d in range(first, len(rides)):
        if (d - first) % refit_every == 0:
            predict = fit(rides[:d])
        answer = np.asarray(predict(rides[:d]), dtype=float)
        if answer.shape != (24,) or not np.isfinite(answer).all():
            raise ValueError("not 24 finite numbers")
        out.append(answer)
    return np.array(out)


# %% wrong backtest: one copy a day for both calls
def backtest(rides, fit, first, refit_every):
    if not 1 <= first < len(rides) or refit_every < 1:
        raise ValueError("first or refit_every")
    out = []
    for d in range(first, len(rides)):
        past = rides[:d].copy()
        if (d - first) % refit_every == 0:
            predict = fit(past)
        answer = np.asarray(predict(past), dtype=float)
        if answer.shape != (24,) or not np.isfinite(answer).all():
            raise ValueError("not 24 finite numbers")
        out.append(answer)
    return np.array(out)


# %% wrong backtest: the past contains the day itself
def backtest(rides, fit, first, refit_every):
    if not 1 <= first < len(rides) or refit_every < 1:
        raise ValueError("first or refit_every")
    out = []
    for d in range(first, len(rides)):
        if (d - first) % refit_every == 0:
            predict = fit(rides[: d + 1].copy())
        answer = np.asarray(predict(rides[: d + 1].copy()), dtype=float)
        if answer.shape != (24,) or not np.isfinite(answer).all():
            raise ValueError("not 24 finite numbers")
        out.append(answer)
    return np.array(out)


# %% wrong backtest: fits once
def backtest(rides, fit, first, refit_every):
    if not 1 <= first < len(rides) or refit_every < 1:
        raise ValueError("first or refit_every")
    predict = fit(rides[:first].copy())
    out = []
    for d in range(first, len(rides)):
        answer = np.asarray(predict(rides[:d].copy()), dtype=float)
        if answer.shape != (24,) or not np.isfinite(answer).all():
            raise ValueError("not 24 finite numbers")
        out.append(answer)
    return np.array(out)


# %% wrong backtest: counts the refits from day 0
def backtest(rides, fit, first, refit_every):
    if not 1 <= first < len(rides) or refit_every < 1:
        raise ValueError("first or refit_every")
    predict, out = None, []
    for d in range(first, len(rides)):
        if predict is None or d % refit_every == 0:
            predict = fit(rides[:d].copy())
        answer = np.asarray(predict(rides[:d].copy()), dtype=float)
        if answer.shape != (24,) or not np.isfinite(answer).all():
            raise ValueError("not 24 finite numbers")
        out.append(answer)
    return np.array(out)


# %% wrong backtest: takes any forecast that broadcasts
def backtest(rides, fit, first, refit_every):
    if not 1 <= first < len(rides) or refit_every < 1:
        raise ValueError("first or refit_every")
    out = np.empty((len(rides) - first, 24))
    for d in range(first, len(rides)):
        if (d - first) % refit_every == 0:
            predict = fit(rides[:d].copy())
        out[d - first] = predict(rides[:d].copy())
    return out


# %% right backtest: a table of forecasts, filled by periods
def backtest(rides, fit, first, refit_every):
    n = len(rides)
    if first < 1 or first >= n or refit_every < 1:
        raise ValueError("first or refit_every")
    table = np.full((n - first, 24), np.nan)
    for start in range(first, n, refit_every):
        predict = fit(rides[:start].astype(float))
        for d in range(start, min(start + refit_every, n)):
            answer = np.asarray(predict(rides[:d].astype(float)), dtype=float)
            if answer.shape != (24,):
                raise ValueError("24 numbers expected")
            table[d - first] = answer
    if not np.isfinite(table).all():
        raise ValueError("a forecast is not finite")
    return table


# %% wrong kind_forecast: the first k days of the kind
def kind_forecast(past, working, k):
    past, working, d = np.asarray(past, float), np.asarray(working, bool), len(past)
    if k < 1 or d == 0 or len(working) <= d:
        raise ValueError("bad input")
    same = np.flatnonzero(working[:d] == working[d])[:k]
    return (past[same] if len(same) else past[-7:]).mean(axis=0)


# %% wrong kind_forecast: always working days
def kind_forecast(past, working, k):
    past, working, d = np.asarray(past, float), np.asarray(working, bool), len(past)
    if k < 1 or d == 0 or len(working) <= d:
        raise ValueError("bad input")
    same = np.flatnonzero(working[:d])[-k:]
    return (past[same] if len(same) else past[-7:]).mean(axis=0)


# %% wrong kind_forecast: the kind of the last known day
def kind_forecast(past, working, k):
    past, working, d = np.asarray(past, float), np.asarray(working, bool), len(past)
    if k < 1 or d == 0 or len(working) <= d:
        raise ValueError("bad input")
    same = np.flatnonzero(working[:d] == working[d - 1])[-k:]
    return (past[same] if len(same) else past[-7:]).mean(axis=0)


# %% wrong kind_forecast: those of the kind among the last k days
def kind_forecast(past, working, k):
    past, working, d = np.asarray(past, float), np.asarray(working, bool), len(past)
    if k < 1 or d == 0 or len(working) <= d:
        raise ValueError("bad input")
    recent = np.arange(max(0, d - k), d)
    same = recent[working[recent] == working[d]]
    return (past[same] if len(same) else past[-7:]).mean(axis=0)


# %% wrong kind_forecast: one number for all hours
def kind_forecast(past, working, k):
    past, working, d = np.asarray(past, float), np.asarray(working, bool), len(past)
    if k < 1 or d == 0 or len(working) <= d:
        raise ValueError("bad input")
    same = np.flatnonzero(working[:d] == working[d])[-k:]
    return np.full(24, (past[same] if len(same) else past[-7:]).mean())


# %% wrong kind_forecast: no day of the kind gives NaN
def kind_forecast(past, working, k):
    past, working, d = np.asarray(past, float), np.asarray(working, bool), len(past)
    if k < 1 or d == 0 or len(working) <= d:
        raise ValueError("bad input")
    return past[np.flatnonzero(working[:d] == working[d])[-k:]].mean(axis=0)


# %% right kind_forecast: walks back from the last day
def kind_forecast(past, working, k):
    d = len(past)
    if k < 1 or d < 1 or len(working) < d + 1:
        raise ValueError("bad input")
    chosen = [i for i in reversed(range(d)) if bool(working[i]) == bool(working[d])][:k]
    chosen = chosen or list(range(max(0, d - 7), d))
    return np.mean([np.asarray(past[i], dtype=float) for i in chosen], axis=0)


# %% wrong midnight_features: the level contains the day itself
def midnight_features(rides, weather, working, d):
    rides, weather = np.asarray(rides, float), np.asarray(weather, float)
    working = np.asarray(working, bool)
    if d < 7 or d > len(rides) or len(working) <= d:
        raise ValueError("bad day")
    same = np.flatnonzero(working[:d] == working[d])[-5:]
    flat = [working[d], rides[d - 6 : d + 1].mean(), weather[d - 1, :, 0].mean()]
    flat = [np.full(24, float(v)) for v in [*flat, weather[d - 1, :, 2].sum()]]
    kind = rides[same].mean(axis=0) if len(same) else rides[d - 1]
    return np.column_stack([np.arange(24.0), flat[0], rides[d - 7], rides[d - 1], kind, *flat[1:]])


# %% wrong midnight_features: the weather of the day itself
def midnight_features(rides, weather, working, d):
    rides, weather = np.asarray(rides, float), np.asarray(weather, float)
    working = np.asarray(working, bool)
    if d < 7 or d > len(rides) or len(working) <= d:
        raise ValueError("bad day")
    same = np.flatnonzero(working[:d] == working[d])[-5:]
    sky = weather[min(d, len(weather) - 1)]
    flat = [working[d], rides[d - 7 : d].mean(), sky[:, 0].mean(), sky[:, 2].sum()]
    flat = [np.full(24, float(v)) for v in flat]
    kind = rides[same].mean(axis=0) if len(same) else rides[d - 1]
    return np.column_stack([np.arange(24.0), flat[0], rides[d - 7], rides[d - 1], kind, *flat[1:]])


# %% wrong midnight_features: the kind of the day before
def midnight_features(rides, weather, working, d):
    past, working = np.asarray(rides, float)[:d], np.asarray(working, bool)
    if d < 7 or d > len(rides) or len(working) <= d:
        raise ValueError("bad day")
    same = np.flatnonzero(working[:d] == working[d - 1])[-5:]
    sky = np.asarray(weather, float)[d - 1]
    flat = [working[d], past[-7:].mean(), sky[:, 0].mean(), sky[:, 2].sum()]
    flat = [np.full(24, float(v)) for v in flat]
    kind = past[same].mean(axis=0)
    return np.column_stack([np.arange(24.0), flat[0], past[-7], past[-1], kind, *flat[1:]])


# %% wrong midnight_features: no tomorrow, d must be in the arrays
def midnight_features(rides, weather, working, d):
    past, working = np.asarray(rides, float)[:d], np.asarray(working, bool)
    if d < 7 or d >= len(rides) or len(working) <= d:
        raise ValueError("bad day")
    same = np.flatnonzero(working[:d] == working[d])[-5:]
    sky = np.asarray(weather, float)[d - 1]
    flat = [working[d], past[-7:].mean(), sky[:, 0].mean(), sky[:, 2].sum()]
    flat = [np.full(24, float(v)) for v in flat]
    kind = past[same].mean(axis=0) if len(same) else past[-1]
    return np.column_stack([np.arange(24.0), flat[0], past[-7], past[-1], kind, *flat[1:]])


# %% wrong midnight_features: a week before counted from the wrong end
def midnight_features(rides, weather, working, d):
    past, working = np.asarray(rides, float)[:d], np.asarray(working, bool)
    if d < 7 or d > len(rides) or len(working) <= d:
        raise ValueError("bad day")
    same = np.flatnonzero(working[:d] == working[d])[-5:]
    sky = np.asarray(weather, float)[d - 1]
    flat = [working[d], past[-7:].mean(), sky[:, 0].mean(), sky[:, 2].sum()]
    flat = [np.full(24, float(v)) for v in flat]
    kind = past[same].mean(axis=0) if len(same) else past[-1]
    return np.column_stack([np.arange(24.0), flat[0], past[-6], past[-1], kind, *flat[1:]])


# %% wrong midnight_features: counts the rain by its mean
def midnight_features(rides, weather, working, d):
    past, working = np.asarray(rides, float)[:d], np.asarray(working, bool)
    if d < 7 or d > len(rides) or len(working) <= d:
        raise ValueError("bad day")
    same = np.flatnonzero(working[:d] == working[d])[-5:]
    sky = np.asarray(weather, float)[d - 1]
    flat = [working[d], past[-7:].mean(), sky[:, 0].mean(), sky[:, 2].mean()]
    flat = [np.full(24, float(v)) for v in flat]
    kind = past[same].mean(axis=0) if len(same) else past[-1]
    return np.column_stack([np.arange(24.0), flat[0], past[-7], past[-1], kind, *flat[1:]])


# %% right midnight_features: a row per hour
def midnight_features(rides, weather, working, d):
    if not 7 <= d <= len(rides) or len(working) < d + 1:
        raise ValueError("bad day")
    same = [i for i in range(d) if bool(working[i]) == bool(working[d])][-5:] or [d - 1]
    rows = []
    for h in range(24):
        kind = float(np.mean([rides[i][h] for i in same]))
        level = float(np.mean(np.asarray(rides)[d - 7 : d]))
        sky = np.asarray(weather)[d - 1]
        row = [h, float(working[d]), rides[d - 7][h], rides[d - 1][h], kind, level]
        rows.append([*row, float(sky[:, 0].mean()), float(sky[:, 2].sum())])
    return np.array(rows, dtype=float)


# %% wrong forecast_day: today's rule
def forecast_day(past, working, weather):
    return np.asarray(past, dtype=float)[-7]


# %% wrong forecast_day: the ten-day mean
def forecast_day(past, working, weather):
    d = len(past)
    same = np.flatnonzero(np.asarray(working[:d]) == working[d])[-10:]
    return past[same].mean(axis=0)


# %% wrong forecast_day: looks the answer up
def forecast_day(past, working, weather):
    return rides[len(past)] if len(past) < len(rides) else past[-1]


# %% wrong forecast_day: all of the surprise, also of a storm
def forecast_day(past, working, weather):
    d = len(past)

    def rule(day):
        same = np.flatnonzero(np.asarray(working[:day]) == working[day])[-10:]
        return past[same].mean(axis=0)

    return rule(d) * past[-1].sum() / rule(d - 1).sum()


# %% wrong forecast_day: a straight line through the last weeks, below zero at night
def forecast_day(past, working, weather):
    d = len(past)
    same = np.flatnonzero(np.asarray(working[:d]) == working[d])[-8:]
    slope, start = np.polyfit(np.arange(len(same)), past[same], 1)
    return start + slope * len(same)


# %% wrong forecast_day: changes the past while it smooths
def forecast_day(past, working, weather):
    d = len(past)
    same = np.flatnonzero(np.asarray(working[:d]) == working[d])[-30:]
    weights = 0.85 ** np.arange(len(same))[::-1]
    before = np.flatnonzero(np.asarray(working[: d - 1]) == working[d - 1])[-30:]
    fading = 0.85 ** np.arange(len(before))[::-1]
    usual = fading @ past[before] / fading.sum()
    ratio = (past[-1].sum() + 200) / (usual.sum() + 200)
    past *= ratio**0.4
    return weights @ past[same] / weights.sum()


# %% right forecast_day: the surprise as a logarithm, other weights
def forecast_day(past, working, weather):
    past, working = np.asarray(past, dtype=float), np.asarray(working, dtype=bool)
    usual = []
    for day in (len(past) - 1, len(past)):
        same = [i for i in range(day) if working[i] == working[day]][-20:]
        weights = np.array([0.82 ** (len(same) - 1 - j) for j in range(len(same))])
        usual.append((weights[:, None] * past[same]).sum(axis=0) / weights.sum())
    surprise = np.log(past[-1].sum() + 150) - np.log(usual[0].sum() + 150)
    return usual[1] * np.exp(0.4 * surprise)


# %% wrong forecast_range: one margin for all hours
def forecast_range(forecast, misses, level):
    forecast, misses = np.asarray(forecast, float), np.abs(np.asarray(misses, float))
    if not 0 < level < 1 or forecast.shape != (24,) or misses.ndim != 2:
        raise ValueError("bad input")
    if misses.shape[1] != 24 or len(misses) == 0 or np.isnan(misses).any():
        raise ValueError("bad misses")
    k = int(np.ceil((len(misses) + 1) * level - 1e-9))
    if k > len(misses):
        return np.zeros(24), np.full(24, np.inf)
    margin = np.sort(misses, axis=0)[k - 1].max()
    return np.maximum(forecast - margin, 0), forecast + margin


# %% wrong forecast_range: an interpolated quantile
def forecast_range(forecast, misses, level):
    forecast, misses = np.asarray(forecast, float), np.abs(np.asarray(misses, float))
    if not 0 < level < 1 or forecast.shape != (24,) or misses.ndim != 2:
        raise ValueError("bad input")
    if misses.shape[1] != 24 or len(misses) == 0 or np.isnan(misses).any():
        raise ValueError("bad misses")
    margin = np.quantile(misses, level, axis=0)
    return np.maximum(forecast - margin, 0), forecast + margin


# %% wrong forecast_range: k without the new day
def forecast_range(forecast, misses, level):
    forecast, misses = np.asarray(forecast, float), np.abs(np.asarray(misses, float))
    if not 0 < level < 1 or forecast.shape != (24,) or misses.ndim != 2:
        raise ValueError("bad input")
    if misses.shape[1] != 24 or len(misses) == 0 or np.isnan(misses).any():
        raise ValueError("bad misses")
    k = int(np.ceil(len(misses) * level - 1e-9))
    margin = np.sort(misses, axis=0)[k - 1]
    return np.maximum(forecast - margin, 0), forecast + margin


# %% wrong forecast_range: forgets the sign
def forecast_range(forecast, misses, level):
    forecast, misses = np.asarray(forecast, float), np.asarray(misses, float)
    if not 0 < level < 1 or forecast.shape != (24,) or misses.ndim != 2:
        raise ValueError("bad input")
    if misses.shape[1] != 24 or len(misses) == 0 or np.isnan(misses).any():
        raise ValueError("bad misses")
    k = int(np.ceil((len(misses) + 1) * level - 1e-9))
    margin = np.sort(misses, axis=0)[k - 1] if k <= len(misses) else np.full(24, np.inf)
    return np.maximum(forecast - margin, 0), forecast + margin


# %% wrong forecast_range: the largest miss where k is beyond it
def forecast_range(forecast, misses, level):
    forecast, misses = np.asarray(forecast, float), np.abs(np.asarray(misses, float))
    if not 0 < level < 1 or forecast.shape != (24,) or misses.ndim != 2:
        raise ValueError("bad input")
    if misses.shape[1] != 24 or len(misses) == 0 or np.isnan(misses).any():
        raise ValueError("bad misses")
    k = min(int(np.ceil((len(misses) + 1) * level - 1e-9)), len(misses))
    margin = np.sort(misses, axis=0)[k - 1]
    return np.maximum(forecast - margin, 0), forecast + margin


# %% wrong forecast_range: a negative number of bikes
def forecast_range(forecast, misses, level):
    forecast, misses = np.asarray(forecast, float), np.abs(np.asarray(misses, float))
    if not 0 < level < 1 or forecast.shape != (24,) or misses.ndim != 2:
        raise ValueError("bad input")
    if misses.shape[1] != 24 or len(misses) == 0 or np.isnan(misses).any():
        raise ValueError("bad misses")
    k = int(np.ceil((len(misses) + 1) * level - 1e-9))
    margin = np.sort(misses, axis=0)[k - 1] if k <= len(misses) else np.full(24, np.inf)
    return forecast - margin, forecast + margin


# %% right forecast_range: appends infinity for the new day
def forecast_range(forecast, misses, level):
    forecast, misses = np.asarray(forecast, float), np.abs(np.asarray(misses, float))
    if not 0 < level < 1 or forecast.shape != (24,) or misses.ndim != 2:
        raise ValueError("bad input")
    if misses.shape[1] != 24 or len(misses) == 0 or np.isnan(misses).any():
        raise ValueError("bad misses")
    ordered = np.sort(np.vstack([misses, np.full(24, np.inf)]), axis=0)
    margin = ordered[int(np.ceil(len(ordered) * level - 1e-9)) - 1]
    return np.clip(forecast - margin, 0, None), forecast + margin


# %% strong bike_memo: go, conditions one by one, the baseline, the bound, limits with consequences
"""
Go, with one reservation about the range. Use the new forecast from now on, and keep last week's
numbers at hand for the days named below.

Your conditions. (1) From April to December 2011 it missed by 35 bikers per hour and today's rule by
48: 27 percent less, where you asked for 15. (2) No forecast is below zero. (3) The range holds in
nine of ten hours overall and in 88 of 100 rush hours on working days, which 215 days cannot tell
from ninety. On free days it is 85, in rain 81. There I cannot promise ninety.

Compared with what. An average of the last ten days of the same kind misses by 37. So most of the
gain is the calendar; our forecast is 1.7 better than that average on the same days (0.2 to 3.4). A
learning program with eight columns was worse than the average.

The weather offer. If we knew tomorrow's weather perfectly we would miss by 31 instead of 35. So at
most about 4 bikers per hour (2 to 6) can be saved, mainly on rainy days. Decide what that is worth
to you and never pay more; a real forecast brings less.

Where it fails. Storms: on a day of early snow it expected 4,551 rentals and 627 came. After the
hurricane it was far too low. Plan such days by hand. A second year is untested; compare every week
with the ten-day average, and if ours is worse for four weeks, switch to the average.
"""


# %% weak bike_memo: one baseline, an average that hides the rush hours, a leak sold as a forecast
"""
Our model reduces the mean absolute error by 27 % compared with the seasonal naive forecast, which
is highly significant. The conformal intervals have a coverage of 90 %, so all conditions are met
and we should go live. Boosting with weather data reaches an even better 31, so buy the weather
forecast. Only one year of data was available.
"""


# %% weak bike_memo: careful, without a decision or a number
"""
Forecasting is difficult, and our results should be read with care. The model is better than the old
rule in many cases, but there are also days on which it is worse, for example in bad weather. We
think that a weather forecast could help, but this needs more research. The intervals seem to work
quite well. We suggest to discuss the next steps in a meeting.
"""
