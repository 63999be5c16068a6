"""Water: the sky and the far shore upside down, shaken by waves, with a path of light under the sun."""

from __future__ import annotations

import numpy as np

from mj_widgets.sandbox.dice import mix
from mj_widgets.sandbox.scenery.noise import Floats, noise, smoothstep
from mj_widgets.sandbox.scenery.palette import blend
from mj_widgets.sandbox.scenery.plan import Plan, Scene
from mj_widgets.sandbox.scenery.window import Stage

_STILL = np.zeros(1, np.float32)


def mirrored(ys: Floats, scene: Scene, plan: Plan) -> Floats:
    """Say how high each row looks: above the water at itself, in the water at what is mirrored there."""
    if not plan.water:
        return ys
    depth = np.maximum(np.float32(plan.horizon) - ys, 0)
    waves = noise(_STILL, np.log(depth + np.float32(0.006)) * 17, mix(scene.seed, "waves"))[:, 0]
    swell = waves * np.minimum(np.float32(0.012) + 0.07 * depth, 0.1) * smoothstep(0, 0.03, depth)
    up = np.float32(plan.horizon) + np.maximum(1.12 * depth + swell, 0)
    return np.where(ys < plan.horizon, up, ys).astype(np.float32)


def paint_water(stage: Stage) -> None:
    """Turn the mirrored sky below the horizon into water: deeper in colour, with streaks, and a path of light."""
    window, plan, palette, seed = stage.window, stage.plan, stage.plan.palette, stage.scene.seed
    below = np.flatnonzero(window.ys < plan.horizon)
    if not len(below):
        return
    rows = slice(int(below[0]), len(window.ys))
    depth = np.float32(plan.horizon) - window.ys[rows]
    deep = blend(palette.sky[0], palette.near, 0.35)
    window.over(deep, (0.22 + 0.5 * (1 - np.exp(-depth / np.float32(0.4))))[:, None], rows)
    x, y = window.xs / np.float32(0.34), np.log(depth + np.float32(0.02)) * np.float32(15)
    streaks = noise(x, y, mix(seed, "streaks")) + 0.5 * noise(x * 2.7, y * 1.9, mix(seed, "more streaks"))
    shine = smoothstep(0.25, 1.2, streaks) * np.float32(0.30)
    if plan.sun[2]:
        spread = np.float32(0.6 * plan.sun[2]) + 0.45 * depth
        path = np.exp(-(((window.xs - np.float32(plan.sun[0]))[None, :] / spread[:, None]) ** 2))
        shine = shine + path * smoothstep(-0.1, 0.8, streaks) * np.float32(0.5 if palette.dark else 0.75)
    bright = blend(palette.sky[3], palette.sun, 0.4)
    window.over(bright, np.clip(shine, 0, 0.9), rows)
    window.over(bright, (np.exp(-((depth / np.float32(0.004)) ** 2)) * np.float32(0.35))[:, None], rows)
