"""The sky: its colours, the sun or moon, stars, clouds, and the weather that falls from it."""

from __future__ import annotations

import math

import numpy as np

from mj_widgets.sandbox.dice import between, chance, mix
from mj_widgets.sandbox.scenery.noise import Floats, clouds, noise, smoothstep
from mj_widgets.sandbox.scenery.palette import blend, turn
from mj_widgets.sandbox.scenery.scatter import scatter
from mj_widgets.sandbox.scenery.window import Stage, column

_STILL = np.zeros(1, np.float32)
_DROP = 0.0038  # the width of a drop of rain
_STOREY, _TALLER = 0.75, 2.5  # where the clouds' second storey begins to show, and how much larger each is


def paint_sky(stage: Stage) -> None:
    """Paint the sky."""
    weather = stage.scene.features.weather
    _gradient(stage)
    if stage.plan.palette.dark or "stars" in weather:
        _stars(stage)
    if "aurora" in weather:
        _aurora(stage)
    if stage.plan.sun[2]:
        _glow(stage)
        _disks(stage)
    if stage.plan.cover > 0:
        _clouds(stage)


def _gradient(stage: Stage) -> None:
    height = np.maximum(stage.ys - np.float32(stage.plan.horizon), 0)
    up = 1 - np.exp(-height / 0.36)  # levels off, so that a zoom out finds more of the same sky
    stops = np.array(stage.plan.palette.sky[::-1], np.float64)
    at = np.array([0.0, 0.26, 0.58, 0.95])
    for channel in range(3):
        stage.window.rgb[channel] = np.interp(up, at, stops[:, channel])[:, None]


def _away(stage: Stage, rows: slice, x: float, y: float, squeeze: float = 1.0) -> Floats:
    """Measure how far each pixel is from a place."""
    across = (stage.window.xs - np.float32(x)) ** 2
    up = ((stage.ys[rows] - np.float32(y)) * np.float32(squeeze)) ** 2
    return np.asarray(np.sqrt(across[None, :] + up[:, None]), np.float32)


def _glow(stage: Stage) -> None:
    x, y, _ = stage.plan.sun
    strength = (0.35 if stage.plan.palette.dark else 0.62) * (0.8 + 0.5 * stage.plan.rich)
    wide = np.exp(_away(stage, slice(None), x, y, 1.35) * np.float32(-1 / 0.26)) * np.float32(strength)
    stage.window.over(stage.plan.palette.glow, wide)


def _disks(stage: Stage) -> None:
    """Paint the sun, the moon, or a planet; a weird sky has several."""
    features, palette, seed = stage.scene.features, stage.plan.palette, stage.scene.seed
    for k in range(1 + round(3 * min(1.0, features.weird / 3000))):
        x, y, radius = stage.plan.sun
        if k:
            x, y = x + between(-0.5, 0.5, seed, "moon x", k), y + between(0.02, 0.3, seed, "moon y", k)
            radius *= between(0.3, 0.8, seed, "moon", k)
        rows = stage.rows(y - radius * 1.1, y + radius * 1.1)
        disk = stage.window.edge(radius - _away(stage, rows, x, y))
        if "bands" in features.weather or features.mood == "neon":
            disk *= _bands(stage.ys[rows], y, radius)
        stage.window.over(palette.sun, disk, rows)
        if features.mood == "space":
            _planet(stage, rows, (x, y, radius), disk)
        elif palette.dark or "moon" in features.weather:
            _seas(stage, rows, (x, y, radius), disk, mix(seed, "seas", k))


def _bands(ys: Floats, y: float, radius: float) -> Floats:
    """Cut stripes into a synthwave sun: none at its top, broad at its foot."""
    down = np.clip((np.float32(y + 0.3 * radius) - ys) / np.float32(1.3 * radius), 0, 1)
    phase = ys * np.float32(2 * math.pi / (0.22 * radius))
    return (1 - smoothstep(0.0, 0.25, 1.2 * down + np.cos(phase) - 1))[:, None]


def _seas(stage: Stage, rows: slice, disk: tuple[float, float, float], alpha: Floats, seed: int) -> None:
    """Darken the seas of a moon."""
    x, y, radius = disk
    size = np.float32(0.62 * radius)
    xs, ys = (stage.window.xs - np.float32(x)) / size, (stage.ys[rows] - np.float32(y)) / size
    if len(ys):
        stage.window.rgb[:, rows] *= 1 - np.float32(0.13) * smoothstep(0.05, 0.7, noise(xs, ys, seed)) * alpha


def _planet(stage: Stage, rows: slice, disk: tuple[float, float, float], alpha: Floats) -> None:
    """Make a ball of a disk, with bands and a night side."""
    x, y, radius = disk
    across = ((stage.window.xs - np.float32(x)) / np.float32(radius))[None, :]
    up = (stage.ys[rows] - np.float32(y)) / np.float32(radius)
    if not len(up):
        return
    palette = stage.plan.palette
    bands = smoothstep(-0.6, 0.9, noise(_STILL, up * 4, mix(stage.scene.seed, "bands")))
    stage.window.over(turn(palette.sun, 0.5, chroma=2.2, lightness=0.75), bands * alpha * np.float32(0.6), rows)
    towards = np.sqrt(np.maximum(0, 1 - across**2 - up[:, None] ** 2))
    shine = np.asarray(0.62 * across + 0.5 * up[:, None] + 0.7 * towards, np.float32)
    day = smoothstep(-0.1, 0.75, shine)
    stage.window.over(palette.sky[0], (1 - day) * alpha * np.float32(0.92), rows)


def _stars(stage: Stage) -> None:
    window, low = stage.window, stage.plan.horizon + 0.05
    left, _, right, top = window.box
    specks = []
    for star in scatter("star", (left, low, right, max(low, top)), 0.05, stage):
        bright = chance(star.key, "bright") ** 3
        fade = min(1.0, max(0.0, star.y - low) / 0.3) * min(1.0, star.level * 0.003 / window.pixel)
        radius = max(star.level * (0.0011 + 0.0021 * bright), 0.6 * window.pixel)
        specks.append((star.x, star.y, radius, fade * (0.45 + 0.55 * bright)))
    window.sprinkle(specks)


def _aurora(stage: Stage) -> None:
    x = stage.window.xs / np.float32(0.5) + np.float32(stage.plan.drift)
    at = np.array([stage.plan.morph], np.float32)
    for k, hue in enumerate((0.0, 0.5, 1.3)):
        seed = mix(stage.scene.seed, "aurora", k)
        foot = stage.plan.horizon + 0.2 + 0.1 * k + 0.09 * noise(x, at, seed)
        rays = np.clip(0.55 + 0.45 * noise(x * 9, at, mix(seed, "rays")), 0, 1)
        height = (stage.ys[:, None] - foot) / np.float32(0.22)
        curtain = np.where(height > 0, np.exp(-height * 1.6), np.exp(np.minimum(height, 0) * 14)) * rays
        stage.window.over(turn((0.25, 0.95, 0.62), hue), (curtain * np.float32(0.5)).astype(np.float32))


def _clouds(stage: Stage) -> None:
    """Paint clouds; a second look, a step towards the light, says which side of them is bright."""
    plan, palette = stage.plan, stage.plan.palette
    towards = 0.06 * plan.side(0)
    here = _density(stage, 0.0, 0.0)
    dense = here + np.float32(0.6) * _elsewhere(stage)
    edge = 0.62 - 1.25 * plan.cover
    high = np.maximum(stage.ys - np.float32(plan.horizon), 0)
    alpha = smoothstep(edge, edge + 0.85, dense) * smoothstep(0.0, 0.12, high)[:, None]
    lit = smoothstep(-0.35, 0.45, here - _density(stage, towards, 0.13))
    sky = palette.sky
    bright, dark = blend(blend(palette.glow, palette.sun, 0.5), sky[3], 0.3), blend(sky[1], sky[2], 0.5)
    if palette.dark:
        bright, dark = blend(sky[3], sky[2], 0.5), blend(sky[1], sky[0], 0.3)
    stage.window.over(
        column(dark) + (column(bright) - column(dark)) * lit, alpha * (np.float32(0.78) / (1 + 0.25 * high))[:, None]
    )


def _density(stage: Stage, across: float, up: float) -> Floats:
    """Say how thick the clouds are, in storeys: each is higher, and its clouds are larger, than the one below."""
    plan = stage.plan
    high = np.maximum(stage.ys - np.float32(plan.horizon), 0)
    storey = np.log(np.maximum(high, 1e-3) / np.float32(_STOREY)) / math.log(_TALLER)
    y = np.log(high + np.float32(0.16)) * np.float32(2.6) + np.float32(up)  # flatter towards the horizon
    total = np.zeros((len(stage.ys), len(stage.window.xs)), np.float32)
    for k in range(max(0, math.ceil(float(storey.max()))) + 1):
        share = np.clip(1 - np.abs((storey if k else np.maximum(storey, 0)) - k), 0, 1)
        rows = np.flatnonzero(share)
        if len(rows):
            size = np.float32(0.55 * _TALLER**k)
            x = (stage.window.xs + np.float32(plan.drift + across)) / size
            seed, finest = mix(stage.scene.seed, "clouds", k), 2 * stage.window.pixel / float(size)
            part = clouds(x, y[rows], seed, 4 + round(2 * plan.rich), finest)
            total[rows] += part * np.sqrt(share[rows])[:, None]
    return total


def _elsewhere(stage: Stage) -> Floats:
    """Say what the seeds of later zooms and pans add, outside of what was visible before them."""
    total = np.zeros((1, 1), np.float32)
    xs, ys = stage.window.xs, stage.ys
    for lock in stage.scene.locks:
        left, bottom, right, top = lock.box
        if right - left < 8 * stage.window.pixel:
            continue
        width, height = np.float32(0.25 * (right - left)), np.float32(0.25 * (top - bottom))
        across = smoothstep(0, 1, np.maximum(left - xs, xs - right) / width)
        down = smoothstep(0, 1, np.maximum(bottom - ys, ys - top) / height)
        outside = 1 - (1 - down)[:, None] * (1 - across)[None, :]
        total = total + outside * noise(xs / (3 * width), ys / (3 * height), mix(lock.seed, "clouds"))
    return total


def paint_weather(stage: Stage) -> None:
    """Paint what is in the air in front of everything: fog, rain, snow."""
    window, palette, seed = stage.window, stage.plan.palette, stage.scene.seed
    weather = stage.scene.features.weather
    if "fog" in weather:
        banks = clouds(window.xs / np.float32(0.9), window.ys / np.float32(0.16), mix(seed, "fog"), 3, window.pixel * 8)
        low = np.exp(-np.abs(window.ys - np.float32(stage.plan.horizon - 0.02)) / np.float32(0.16))[:, None]
        air = blend(palette.sky[3], palette.far, 0.25)
        window.over(air, smoothstep(-0.9, 1.0, banks) * low * np.float32(0.9))
    if "rain" in weather:
        drops = noise(window.xs / np.float32(_DROP), window.ys / np.float32(16 * _DROP), mix(seed, "rain"))
        fade = min(1.0, _DROP / window.pixel)  # drops that are narrower than a pixel
        window.over((0.92, 0.95, 0.97), smoothstep(0.5, 1.3, drops) * np.float32(0.5 * fade))
    if "snow" in weather:
        flakes = scatter("flake", window.box, 0.055, stage)
        window.sprinkle([_flake(flake.x, flake.y, flake.level, flake.key) for flake in flakes])


def _flake(x: float, y: float, level: float, key: int) -> tuple[float, float, float, float]:
    return x, y, level * between(0.0025, 0.006, key, "radius"), between(0.7, 1.25, key, "light")
