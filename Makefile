# make demo    a meeting from dial-in to retrieved recording, on this machine
# make cluster-demo    a meeting of twelve points over two bridges, of which one is killed: as root, in network namespaces
# make test    unit tests, and interop tests with real endpoints
# make announcements    what the bridge says, spoken by espeak-ng into .build/announcements
# make interop    real endpoints against the real daemon, as a table; ARGS='--list', '--only TEXT', '--json'
# make bench   figures of the media plane, as a table
# make bench-relay    the forwarder beside rtpengine and the floor, as a table; ARGS=--help tells how to ask for less, or for a flood
# make bench-calls    what a call costs, and whether a running meeting notices; ARGS=--help tells how to ask for less
# make bench-sip    what the signalling of a call costs in memory, message by message
# make bench-loss    what speech is worth over lines that lose packets, by STOI and PESQ, and how pictures and sound do there
# make bench-compose    access copies beside ffmpeg's of the same master and settings; ARGS='--seconds 60 --runs 1'
# make bench-search    the search among 100,000 generated meetings: its index, and queries of each kind; ARGS='--meetings 10000'
# make bench-seal    how fast packages are sealed and verified, in clear and encrypted, beside sha512sum; MEGABYTES=10000
# make bench-archive  200 archivists search, open and play while a meeting records: what the meeting loses, and how soon films begin; ARGS=--help
# make bench-path     what the ways into and out of the kernel cost: GSO, GRO, sendmmsg, io_uring, busy polling
# make soak    a day's life in two hours, with faults in it; ARGS='--minutes 5 --seed 7', ARGS=--help
# make asan    unit tests under the address sanitizer (a build of its own, ten minutes)
# make tsan    unit tests in which threads meet, under the thread sanitizer (a build of its own, ten minutes)
# make fuzz    the parsers of what comes from outside, under libFuzzer; SECONDS=600 for each, TARGETS="sdp stun" for some
# make fuzz-api    the portal's interface against its own description, by schemathesis; SECONDS=600 for each role
# make model   the rules by which bridges share rooms, by spin (docs/scale.md); FAULTS=7
# make scale-model    what 10 to 10,000 meetings at once need, by a model of a province's day (docs/scale.md); ARGS=--measure, ARGS=--help
# make install    what make release built, below DESTDIR and PREFIX (/usr)
# make deb     a Debian package, .build/deb/causeway_*.deb
# make test-deb    the package on a fresh Debian 12 under its own systemd: installed, watched, upgraded, purged; and on a machine of its own, booted and weighed
# make lint    formatting, as CI checks it

SHELL := /bin/bash
.DEFAULT_GOAL := help
SWIFT ?= swift

BUILD_PACKAGES := pkg-config libopus-dev libspandsp-dev libspeexdsp-dev libflac-dev libvpx-dev libopenh264-dev \
	libyuv-dev libpango1.0-dev libcairo2-dev libssl-dev libsrtp2-dev libipsec-mb-dev libsqlite3-dev \
	libsystemd-dev libpq-dev libqrencode-dev libxml2-dev zlib1g-dev fonts-noto-core weasyprint pandoc poppler-utils
PEER_PACKAGES := rclone baresip baresip-core baresip-ffmpeg sip-tester sipvicious ffmpeg mkvtoolnix sox espeak-ng openssl oathtool \
	curl procps dnsmasq-base libxml2-utils gcc libc6-dev libre-dev python3-aioice chromium nftables \
	zbar-tools unzip qpdf python3-cryptography python3-jsonschema python3-yaml python3-prometheus-client python3-icalendar \
	python3-dateutil python3-venv strace tshark mediainfo mediaconch clamav-daemon libfuse3-dev \
	iproute2 nginx-light prometheus certbot kamailio kamailio-outbound-modules kamailio-tls-modules linphone-cli postgresql
RELAY_PACKAGES := rtpengine-daemon
INTEROP_PACKAGES := linphone-cli kamailio kamailio-outbound-modules gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
	gstreamer1.0-plugins-bad iproute2 nftables

.PHONY: help model scale-model install deb test-deb demo cluster-demo test interop soak asan tsan fuzz fuzz-api bench bench-relay bench-calls bench-archive bench-sip bench-search bench-compose bench-seal bench-loss bench-path build release lint format announcements \
	build-packages peer-packages relay-packages interop-packages

help:
	@sed -n 's/^# make/make/p' Makefile

build-packages:
	@.ci/apt-packages $(BUILD_PACKAGES)

peer-packages: build-packages
	@.ci/apt-packages $(PEER_PACKAGES)

relay-packages: build-packages
	@.ci/apt-packages $(RELAY_PACKAGES)

interop-packages: peer-packages
	@.ci/apt-packages $(INTEROP_PACKAGES)

announcements:
	@.ci/apt-packages espeak-ng
	@sh Sources/Announcements/speak Sources/Announcements/announcements.tsv .build/announcements

build: build-packages
	$(SWIFT) build

# Without Swift's own libraries, so that it runs where there is none.
RELEASE := -c release --static-swift-stdlib
release: build-packages announcements
	$(SWIFT) build $(RELEASE) --product causewayd
	$(SWIFT) build $(RELEASE) --product causeway
	$(SWIFT) build $(RELEASE) --product causeway-jobs
	@debian/manual .build/manual .build/release/causeway .build/release/causewayd

PREFIX ?= /usr
SHARE = $(DESTDIR)$(PREFIX)/share
install:
	install -D -m 0755 -t $(DESTDIR)$(PREFIX)/bin .build/release/causewayd .build/release/causeway
	install -d $(SHARE)/causeway
	cp -R --no-preserve=ownership .build/release/causeway_Portal.resources/JoinPage .build/release/causeway_Portal.resources/PortalPage $(SHARE)/causeway/
	cp -R --no-preserve=ownership .build/announcements $(SHARE)/causeway/
	cp -R --no-preserve=ownership .build/release/causeway_Dossier.resources/Schemas $(SHARE)/causeway/
	install -m 644 config/holidays.csv config/retention.csv config/dossier-profile.json config/first.yaml $(SHARE)/causeway/
	install -D -m 0755 -t $(DESTDIR)$(PREFIX)/libexec .build/release/causeway-jobs
	install -D -m 0644 -t $(DESTDIR)/lib/systemd/system systemd/causewayd.service
	install -D -m 0644 -t $(DESTDIR)/lib/systemd/system $(foreach round,fixity retention,systemd/causeway-$(round).service systemd/causeway-$(round).timer)
	install -D -m 0644 -t $(DESTDIR)/lib/systemd/system systemd/causeway.slice $(addprefix systemd/causeway-jobs.,slice socket service)
	install -D -m 0644 -t $(SHARE)/man/man1 .build/manual/causeway.1
	install -D -m 0644 -t $(SHARE)/man/man8 .build/manual/causewayd.8
	install -d $(SHARE)/bash-completion/completions
	.build/release/causeway --generate-completion-script bash | sed 1d > $(SHARE)/bash-completion/completions/causeway
	install -d $(SHARE)/zsh/vendor-completions $(SHARE)/fish/vendor_completions.d
	.build/release/causeway --generate-completion-script zsh > $(SHARE)/zsh/vendor-completions/_causeway
	.build/release/causeway --generate-completion-script fish > $(SHARE)/fish/vendor_completions.d/causeway.fish
	install -D -m 0644 -t $(SHARE)/doc/causeway/examples config/causeway.yaml
	install -D -m 0644 -t $(SHARE)/doc/causeway README.md ARCHITECTURE.md docs/*.md
	install -D -m 0644 -t $(SHARE)/doc/causeway/guide docs/guide/*.md
	cp -R --no-preserve=ownership samples/firewall samples/monitoring samples/nginx samples/acme samples/endpoints samples/cluster $(SHARE)/doc/causeway/examples/

PACKAGE_PACKAGES := debhelper espeak-ng lintian
deb: build-packages
	@.ci/apt-packages $(PACKAGE_PACKAGES)
	@SWIFT="$(SWIFT)" debian/rules clean binary
	@ls .build/deb/*.deb

test-deb: deb
	@Tests/Package/try .build/deb/causeway_*_amd64.deb
	@Tests/Package/weigh .build/deb/causeway_*_amd64.deb

# What others judge packages with, from PyPI; tests that want it are skipped where it cannot be had.
.build/bagit/bin/python:
	@.ci/apt-packages python3-venv
	-python3 -m venv .build/bagit && .build/bagit/bin/pip install --quiet bagit || rm -rf .build/bagit

.build/eark/bin/python:
	@.ci/apt-packages python3-venv
	-python3 -m venv .build/eark && .build/eark/bin/pip install --quiet eark-validator==1.1.3 || rm -rf .build/eark

.build/harvest/bin/python:
	@.ci/apt-packages python3-venv
	-python3 -m venv .build/harvest && .build/harvest/bin/pip install --quiet sickle==0.7.0 oaipmh-scythe==0.16.0 || rm -rf .build/harvest

.build/openid/bin/python:
	@.ci/apt-packages python3-venv
	-python3 -m venv .build/openid && .build/openid/bin/pip install --quiet oidc-provider-mock==0.3.4 || rm -rf .build/openid

.build/schemathesis/bin/st:
	@.ci/apt-packages python3-venv
	-python3 -m venv .build/schemathesis && .build/schemathesis/bin/pip install --quiet schemathesis==4.32.5 || rm -rf .build/schemathesis

# axe-core, as a package for Playwright brings it; without Playwright.
.build/axe/axe.min.js:
	@.ci/apt-packages python3-venv
	-python3 -m venv .build/axe && .build/axe/bin/pip install --quiet --no-deps axe-playwright-python==0.1.8 \
		&& cp .build/axe/lib/python3*/site-packages/axe_playwright_python/axe.min.js $@ || rm -rf .build/axe

test: peer-packages .build/axe/axe.min.js .build/openid/bin/python .build/bagit/bin/python .build/eark/bin/python .build/harvest/bin/python .build/schemathesis/bin/st
	$(SWIFT) build --build-tests
	@SWIFT="$(SWIFT)" .ci/test

interop: interop-packages
	$(SWIFT) build --product causewayd
	$(SWIFT) build --product causeway
	$(SWIFT) build --product causeway-interop
	@$$($(SWIFT) build --show-bin-path)/causeway-interop $(ARGS)

demo: peer-packages release
	$(SWIFT) build -c release --product causeway-demo
	@$$($(SWIFT) build -c release --show-bin-path)/causeway-demo

cluster-demo: peer-packages release
	$(SWIFT) build -c release --product causeway-cluster-demo
	@$$($(SWIFT) build -c release --show-bin-path)/causeway-cluster-demo

bench: build-packages
	$(SWIFT) build -c release --product causeway-bench
	@$$($(SWIFT) build -c release --show-bin-path)/causeway-bench

bench-relay: relay-packages
	$(SWIFT) build -c release --product relay-floor
	$(SWIFT) build -c release --product relay-bench
	@$$($(SWIFT) build -c release --show-bin-path)/relay-bench $(ARGS)

bench-path:
	@.ci/apt-packages gcc libc6-dev liburing-dev
	@mkdir -p .build
	$(CC) -O2 -Wall -Wextra -Wno-missing-field-initializers -o .build/path-bench Benchmarks/PathBench/path.c -luring -lpthread
	@.build/path-bench

model:
	@.ci/apt-packages spin gcc libc6-dev
	@FAULTS=$(FAULTS) Models/check

scale-model: build-packages $(if $(findstring --measure,$(ARGS)),release)
	$(SWIFT) build -c release --product scale-model
	@$$($(SWIFT) build -c release --show-bin-path)/scale-model $(ARGS)

# pesq is compiled on installation.
.build/speech/bin/python:
	@.ci/apt-packages python3-venv python3-dev gcc
	python3 -m venv .build/speech
	.build/speech/bin/pip install --quiet pystoi pesq

bench-loss: build-packages .build/speech/bin/python
	@.ci/apt-packages espeak-ng
	$(SWIFT) test --filter OverBadLines

bench-calls: peer-packages release
	$(SWIFT) build -c release --product calls-bench
	@$$($(SWIFT) build -c release --show-bin-path)/calls-bench $(ARGS)

bench-archive: peer-packages release
	$(SWIFT) build -c release --product archive-bench
	@$$($(SWIFT) build -c release --show-bin-path)/archive-bench $(ARGS)

soak: peer-packages release
	$(SWIFT) build -c release --product soak
	@$$($(SWIFT) build -c release --show-bin-path)/soak $(ARGS)

# Which suites, and what a report does: .ci/sanitize.
asan: build-packages
	@SWIFT="$(SWIFT)" .ci/sanitize address

tsan: build-packages
	@SWIFT="$(SWIFT)" .ci/sanitize thread

fuzz:
	@Tests/Fuzz/build .build/fuzz
	@Tests/Fuzz/run .build/fuzz $(or $(SECONDS),600) $(TARGETS)

fuzz-api: build-packages .build/schemathesis/bin/st
	$(SWIFT) build --build-tests
	CAUSEWAY_FUZZ_SECONDS=$(or $(SECONDS),600) $(SWIFT) test --skip-build --filter APIConformanceTests

bench-sip: build-packages
	$(SWIFT) build -c release --product sip-bench
	@$$($(SWIFT) build -c release --show-bin-path)/sip-bench $(ARGS)

bench-search: build-packages
	$(SWIFT) build -c release --product search-bench
	@$$($(SWIFT) build -c release --show-bin-path)/search-bench $(ARGS)

bench-compose: build-packages peer-packages
	$(SWIFT) build -c release --product compose-bench
	@$$($(SWIFT) build -c release --show-bin-path)/compose-bench $(ARGS)

bench-seal: build-packages
	$(SWIFT) build -c release --product seal-bench
	@for kind in "" encrypted; do \
		$$($(SWIFT) build -c release --show-bin-path)/seal-bench $${TMPDIR:-/tmp} $(or $(MEGABYTES),1000) $$kind || exit; \
	done

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks samples

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks samples
	@if grep -rnE --include='*.swift' 'Mutex<[^<>]*->' Sources Tests Benchmarks samples; then \
		echo "A closure as a Mutex's value is wrapped once more by each withLock, without end: put it into a struct."; exit 1; fi
