# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels of Debian's archive, and virtual machines that run tests on them.
#
# A machine is qemu without KVM (nested KVM may hang), a kernel, and an initial RAM file system with
# the test programs, lbctl, and what they need. It has no network and no disk. It runs the programs
# in turn and powers off. Their output goes to its second serial port, the kernel's to the first.
#
# Sourced in the top directory of the checkout. Kernels are kept in $CACHE. $WORK, for everything
# else, exists from vm_open to vm_close.
# shellcheck disable=SC2034 # the scripts use what is set here

declare -A PACKAGES=(
	[6.1]='linux-image-6\.1\.0-[0-9]+-cloud-amd64'
	[6.12]='linux-image-6\.12\.[0-9.]+\+deb12-cloud-amd64'
)
MODULES=(veth tunnel4 tunnel6 ip_tunnel ipip ip6_tunnel sit udp_tunnel ip6_udp_tunnel fou fou6)
CACHE=$PWD/build/kernels
WORK=$CACHE/work
MEMORY_MIB=1024

found=  # directory of the kernel, set by kernel_find
reason= # why the kernel, or its newest package, is not available; set by kernel_find

updated= # 1 after this process has updated apt's lists
lock=    # file descriptor
child=   # process id of the command that run_interruptible waits for

# Removes what a killed run has left. Returns 1 if another run is active.
vm_open() {
	mkdir -p "$CACHE"
	exec {lock}>"$CACHE/lock"
	flock -n "$lock" || return 1
	rm -rf "$WORK"
	mkdir "$WORK"
}

vm_close() {
	trap '' INT TERM HUP
	if [[ -n $child ]]; then
		kill -TERM "$child" 2>/dev/null
		wait "$child"
	fi
	rm -rf "$WORK"
}

# Runs a command so that this shell handles signals at once. The command ends with this process, also
# if that is killed. Returns its exit status.
run_interruptible() { # COMMAND...
	local status
	setpriv --pdeathsig TERM -- "$@" {lock}>&- &
	child=$!
	wait "$child"
	status=$?
	child=
	return $status
}

# --- kernels ----------------------------------------------------------------

newest_available() { # REGEX
	apt-cache search --names-only "^$1\$" 2>/dev/null | cut -d' ' -f1 | sort -V | tail -n 1
}

newest_cached() { # REGEX
	local path
	for path in "$CACHE"/linux-image-*/modules; do
		path=${path%/modules}
		echo "${path##*/}"
	done | grep -xE "$1" | sort -V | tail -n 1
}

fetch() { # APT-GET-COMMAND...
	run_interruptible env -C "$WORK/package" apt-get -q -o Acquire::Retries=1 -o Acquire::http::Timeout=30 "$@" \
		>"$WORK/apt.log" 2>&1 </dev/null
}

cache_module() { # NAME
	local file
	file=$(find "$WORK/package/tree" -name "$1.ko*")
	case $file in
	*.ko) mv "$file" "$WORK/kept/modules/" ;;
	*.ko.xz) busybox xz -dc "$file" >"$WORK/kept/modules/$1.ko" ;;
	*) return 1 ;;
	esac
}

# Moves the kernel and the modules that the tests need from a package to $CACHE. Returns 1 on failure.
unpack() { # PACKAGE
	local deb=("$WORK/package/$1"_*.deb) image module
	dpkg-deb -x "${deb[0]}" "$WORK/package/tree" || return 1
	image=("$WORK"/package/tree/boot/vmlinuz-*)
	mkdir -p "$WORK/kept/modules"
	mv "${image[0]}" "$WORK/kept/vmlinuz" || return 1
	for module in "${MODULES[@]}"; do
		cache_module "$module" || return 1
	done
	rm -rf "${CACHE:?}/$1"
	mv "$WORK/kept" "$CACHE/$1"
}

# Sets `found` to the newest available kernel of this version. Returns 1 and sets `reason` if there is
# none.
kernel_find() { # VERSION
	local names=${PACKAGES[$1]} name
	reason=''
	mkdir -p "$WORK/package"
	name=$(newest_available "$names")
	if [[ -z $updated && ! -e $CACHE/$name/modules ]] && ((EUID == 0)); then
		fetch update
		updated=1
		name=$(newest_available "$names")
	fi
	if [[ -z $name ]]; then
		reason="apt lists no such package"
	elif [[ -e $CACHE/$name/modules ]]; then
		found=$CACHE/$name
		return 0
	elif ! fetch download "$name"; then
		reason="$name cannot be downloaded: $(grep -m 1 '^E:' "$WORK/apt.log")"
	elif ! unpack "$name"; then
		reason="$name lacks the kernel or a module"
	fi
	rm -rf "$WORK/package" "$WORK/kept"
	name=$(newest_cached "$names")
	found=$CACHE/$name
	[[ -n $name ]]
}

# --- a machine --------------------------------------------------------------

write_init() {
	cat <<-'END'
		#!/bin/sh
		export PATH=/bin TERM=dumb
		/bin/busybox mount -t proc proc /proc # the shell needs it to find its applets
		mount -t sysfs sysfs /sys
		mount -t devtmpfs devtmpfs /dev
		mount -t bpf bpf /sys/fs/bpf
		mount -t tmpfs tmpfs /run
		mkdir /run/netns
		insmod /modules/veth.ko
		cd /lb
		exec >/dev/ttyS1 2>&1
		for program in $(cat programs); do
			echo "== begin $program"
			case $program in
			*.sh) sh tests/kernels/$program </dev/null ;;
			*) build/bpf/$program </dev/null ;;
			esac
			echo "== end $?"
		done
		poweroff -f
	END
}

copy_with_libraries() { # FILE DIRECTORY
	local library
	cp "$1" "$WORK/root/$2/" || return 1
	while read -r library; do
		[[ -e $WORK/root/$library ]] || install -D "$library" "$WORK/root/$library" || return 1
	done < <(ldd "$1" 2>/dev/null | grep -oE '/[^ ]+')
}

# Creates the file system of the machines. It has the paths of the checkout, so tests find lbctl and
# their files. Returns 1 on failure.
vm_prepare() { # TEST-PROGRAM...
	local program root=$WORK/root
	mkdir -p "$root"/{bin,dev,proc,run,sys,tmp,lb/build/bpf,lb/tests/bpf}
	cp "$(type -P busybox)" "$root/bin/busybox" && ln -s busybox "$root/bin/sh" &&
		copy_with_libraries "$(type -P ip)" bin &&
		copy_with_libraries "$(type -P ethtool)" bin &&
		copy_with_libraries "$(type -P curl)" bin &&
		cp -r tests/kernels "$root/lb/tests/" &&
		copy_with_libraries build/lbctl lb/build &&
		cp tests/bpf/*.txt "$root/lb/tests/bpf/" || return 1
	for program in "$@"; do
		[[ $program == *.sh ]] || copy_with_libraries "build/bpf/$program" lb/build/bpf || return 1
	done
	printf '%s\n' "$@" >"$root/lb/programs"
	write_init >"$root/init"
	chmod 0755 "$root/init"
}

# Boots a kernel and waits for the end of the machine. Returns 124 if it takes longer than SECONDS,
# 1 if it could not start. The output of the programs is in $WORK/output. File names are relative,
# because qemu rejects some characters in paths.
vm_run() { # KERNEL-DIRECTORY SECONDS
	local status=0
	tee "$WORK"/{qemu.log,console,serial,output} </dev/null
	cp "$1/vmlinuz" "$WORK/" && cp -r "$1/modules" "$WORK/root/" || return 1
	(cd "$WORK/root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$WORK/initrd" || return 1
	run_interruptible env -C "$WORK" timeout -k 5 "$2" \
		qemu-system-x86_64 -accel tcg -m "$MEMORY_MIB" -nodefaults -no-user-config \
		-nic none -display none -no-reboot -kernel vmlinuz -initrd initrd \
		-append "console=ttyS0 quiet panic=-1 mitigations=off" \
		-serial file:console -serial file:serial >"$WORK/qemu.log" 2>&1 </dev/null || status=$?
	tr -d '\r' <"$WORK/serial" >"$WORK/output"
	return $status
}

# The last output of qemu and of the kernel.
vm_log_tail() {
	tail -q -n 60 "$WORK/qemu.log" "$WORK/console" | tr -cd '[:print:]\n'
}
