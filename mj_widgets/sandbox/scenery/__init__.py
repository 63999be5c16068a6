"""The endless plane that the sandbox draws its pictures from.

A scene is a pure function of the place: `noise` makes smooth fields, `palette` colours, `plan` a composition; `sky`,
`land`, `water`, `city` and `figures` paint what is there through a `window`, and `scene` puts them in order.
"""
