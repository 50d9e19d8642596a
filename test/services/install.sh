#!/usr/bin/env bash
# Installs the programs that tests run for real: InfluxDB 1.x, Mosquitto, Chromium, ffmpeg, SoX, espeak-ng.
# Does nothing when all are there. Debian and its relatives only; elsewhere it says what to install.
set -euo pipefail

PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin"
declare -A package_of=(
  [influxd]=influxdb [mosquitto]=mosquitto [mosquitto_pub]=mosquitto-clients
  [chromium]=chromium [ffmpeg]=ffmpeg [sox]=sox [espeak-ng]=espeak-ng
)

missing() {
  for program in "${!package_of[@]}"; do
    command -v "$program" >/dev/null || echo "${package_of[$program]}"
  done | sort
}

fail() {
  echo "services: $1; install by hand: ${packages[*]}" >&2
  exit 1
}

mapfile -t packages < <(missing)
if ((${#packages[@]} == 0)); then
  echo "services: all there"
  exit 0
fi

command -v apt-get >/dev/null || fail "no apt-get on this system"
as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "neither root nor sudo"
  as_root=(sudo)
fi

echo "services: installing ${packages[*]}"
"${as_root[@]}" apt-get -qq update || fail "apt-get update failed"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${packages[@]}" >/dev/null ||
  fail "apt-get install failed"

# Tests start their own on free ports; a package must not leave a daemon on the default port that nobody asked for.
if [[ -d /run/systemd/system ]]; then
  for package in "${packages[@]}"; do
    case "$package" in influxdb | mosquitto) "${as_root[@]}" systemctl disable --quiet --now "$package" || true ;; esac
  done
fi

mapfile -t packages < <(missing)
((${#packages[@]} == 0)) || fail "still missing after installation"
echo "services: ready"
