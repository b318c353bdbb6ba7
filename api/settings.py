"""Settings of a server, from the environment (`OUZHI_…`) or a `.env` file in the folder."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an administrator may set.

    `base_map_url`: tile address with {z}, {x}, {y}, for instance of an intranet tile server;
    empty, the default: no base map and no request outside. `base_map_attribution`: its credit line.
    """

    model_config = SettingsConfigDict(env_prefix="OUZHI_", env_file=".env", extra="ignore")

    base_map_url: str = ""
    base_map_attribution: str = ""
