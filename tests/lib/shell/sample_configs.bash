# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two configuration files that differ in scheduler, weights and services. Sourced after e2e.bash.

write_config() { # NAME SCHEDULER WEIGHT OTHER-SERVICE
	cat >"$WORK/$1.yaml" <<-END
		version: 1
		interfaces: [{name: front}, {name: back}]
		services:
		  - name: web
		    vip: 192.0.2.10:80/tcp
		    scheduler: $2
		    backends:
		      - {address: 10.0.0.11, weight: $3}
		      - {address: 10.0.0.12, weight: $3}
		      - {address: 10.0.0.13, weight: 1}
		  - {name: $4, vip: "192.0.2.11:80/tcp", backends: [{address: 10.0.0.13}]}
	END
}
