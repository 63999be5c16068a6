"""The whole plane: what is at each place, painted from far to near."""

from __future__ import annotations

from mj_widgets.sandbox.dice import between, chance
from mj_widgets.sandbox.scenery import figures
from mj_widgets.sandbox.scenery.city import paint_skyline
from mj_widgets.sandbox.scenery.land import hills, paint_far, paint_hill
from mj_widgets.sandbox.scenery.palette import blend
from mj_widgets.sandbox.scenery.pattern import paint_pattern
from mj_widgets.sandbox.scenery.plan import SHORE, Scene, Stand, plan
from mj_widgets.sandbox.scenery.scatter import scatter
from mj_widgets.sandbox.scenery.sky import paint_sky, paint_weather
from mj_widgets.sandbox.scenery.water import mirrored, paint_water
from mj_widgets.sandbox.scenery.window import Stage, Window


def paint(window: Window, scene: Scene) -> None:
    """Paint a scene into a window."""
    composed = plan(scene)
    stage = Stage(window, scene, composed, mirrored(window.ys, scene, composed))
    if scene.features.repeat:
        paint_pattern(stage)
        return
    paint_sky(stage)
    paint_far(stage)
    if scene.features.setting == "city":
        paint_skyline(stage)
    if composed.water:
        paint_water(stage)
    _birds(stage)
    shore = composed.horizon - SHORE
    _figures(stage, [stand for stand in composed.stands if stand.y > shore])
    land = hills(stage)
    for drop, size in [hill for hill in land if hill[0] <= SHORE]:
        paint_hill(stage, drop, size)
    _figures(stage, [stand for stand in composed.stands if stand.y <= shore])
    for drop, size in [hill for hill in land if hill[0] > SHORE]:
        paint_hill(stage, drop, size)
    paint_weather(stage)


def _figures(stage: Stage, stands: list[Stand]) -> None:
    window, composed, palette = stage.window, stage.plan, stage.plan.palette
    for stand in stands:
        roles = figures.dress(stand.colour, palette.accent, palette.sky[2])
        if palette.dark:
            lights = ("accent", "lamp")
            roles = {role: c if role in lights else blend(c, palette.near, 0.35) for role, c in roles.items()}
        if composed.water and composed.horizon - SHORE < stand.y < composed.horizon:
            window.place(stand, roles, palette.sun, composed.side(stand.x), mirror=0.4)
        elif stand.y < composed.horizon:
            window.shadow(stand, blend(palette.near, (0, 0, 0), 0.4))
        window.place(stand, roles, palette.sun, composed.side(stand.x))


def _birds(stage: Stage) -> None:
    features, palette = stage.scene.features, stage.plan.palette
    if "bird" in features.without or palette.dark:
        return
    left, _, right, top = stage.window.box
    often = 0.8 if "birds" in features.weather else 0.16
    colour = blend(palette.near, palette.sky[1], 0.25)
    flock = []
    for thing in scatter("birds", (left, stage.plan.horizon + 0.15, right, top), 0.2, stage):
        if chance(thing.key, "there") < often:
            height = thing.level * between(0.016, 0.034, thing.key, "size")
            flock.append(Stand("gull", thing.x, thing.y, height, flip=False, colour=colour))
    _figures(stage, flock)
