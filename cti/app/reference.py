"""The pages of ``docs/`` that are printed from the code: settings. A test holds the files to it."""

from __future__ import annotations

import msgspec

from cti.kernel.settings import HELP, Settings


def settings_page() -> str:
    """``docs/settings.md``: every setting, its default and its meaning."""
    lines = [
        "# Settings",
        "",
        "In the environment as `CTI_NAME`, or in a TOML file named by `CTI_CONFIG` as `name`. The environment wins.",
        "An unknown name is an error that names the nearest known one. Printed from the code.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for field in msgspec.structs.fields(Settings):
        default = field.default if field.default is not msgspec.NODEFAULT else ""
        shown = f"`{default}`" if default not in ("", None) else ""
        meaning = HELP[field.name].replace("|", "\\|")
        lines.append(f"| `CTI_{field.name.upper()}` | {shown} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(settings_page(), end="")
