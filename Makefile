# slabmount. Every target finds a JDK of version 25 or newer by itself (scripts/find-jdk.sh) and works with make -C.
.DEFAULT_GOAL := help
.PHONY: help setup build install test fuzz stress jcstress check format demo bench bench-read bench-pool bench-fuse soak bindings operations doctor profiler clean

help: ## show this help
	@echo "slabmount: trees of content-addressed files, mounted as a native Linux filesystem"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## install what mounting and the tests need and is missing (libfuse3, fuse3, C compiler, headers)
	@scripts/setup.sh tests && echo "setup: all there"

build: ## build everything; leaves cli/target/slabmount/bin/slabmount
	@scripts/mvn.sh --terse package -DskipTests
	@echo "built: cli/target/slabmount/bin/slabmount"

install: ## put the binding, fuse-ffm, into Maven's local repository, for projects that use it (docs/BINDING.md)
	@scripts/mvn.sh --terse -pl fuse-ffm -am install -Dmaven.test.skip=true
	@echo "installed: dev.slabmount:fuse-ffm"

test: ## set up, then run every test, mounts included (.ci/run)
	@scripts/test.sh

fuzz: ## feed 10 million made-up inputs (FUZZ_INPUTS=) to the binding, 3 million more to manifests and names
	@scripts/fuzz.sh

stress: ## the pool: planted bugs, 10 000 seeds beside a model, threads in each compiler; STRESS_SEEDS= STRESS_SECONDS=
	@scripts/stress.sh

jcstress: ## try every ordering of docs/MEMORY_MODEL.md's pool on real threads and memory off the heap; JCSTRESS_MS= JCSTRESS_TESTS=
	@scripts/jcstress.sh

check: ## quick: format, compiler and lint warnings, architecture rules, unit tests; mounts nothing
	@scripts/mvn.sh --terse verify -DskipITs
	@echo "check: passed"

format: ## format all Java sources
	@scripts/mvn.sh --terse spotless:apply

demo: ## snapshot a tree (DEMO_DIR=, else the JDK), mount it, compare it byte for byte, clean up
	@scripts/setup.sh runtime
	@scripts/dist.sh
	@scripts/demo.sh

bench: ## run the JMH benchmarks; BENCH_ARGS= is passed on to JMH
	@scripts/bench.sh $(BENCH_ARGS)

bench-read: ## measure reading through a mount beside C filesystems (docs/perf/read.md); BENCH_ARGS='--only REGEX --transport NAME'
	@scripts/bench-read.sh $(BENCH_ARGS)

bench-pool: ## measure the block pool beside floor, one-lock pool and Caffeine (docs/perf/pool.md); BENCH_ARGS='--only REGEX'
	@scripts/bench-pool.sh $(BENCH_ARGS)

bench-fuse: ## measure filesystems on the binding beside C, jFUSE, jnr-fuse (docs/perf/fuse.md); BENCH_ARGS='--only REGEX --transport NAME'
	@scripts/bench-fuse.sh $(BENCH_ARGS)

soak: ## mount 500 times in one process, 200 in fresh ones, read mounts for 10 minutes, go to scale; SOAK_CYCLES= SOAK_MINUTES=
	@scripts/setup.sh tests
	@scripts/dist.sh
	@scripts/soak.sh

bindings: ## generate the bindings of libfuse3 and libc anew (needs jextract: $JEXTRACT or on PATH)
	@native-bindings/jextract/generate.sh

operations: ## write docs/OPERATIONS.md anew, from the code and its tests
	@scripts/mvn.sh --terse -pl fuse-ffm -am test -Dtest=OperationsDocumentTest -Dsurefire.failIfNoSpecifiedTests=false -Dslabmount.operations.write=true

profiler: ## fetch async-profiler into target/profiler, see to perf and strace (docs/PROFILING.md)
	@scripts/profiler.sh

doctor: ## say what this machine lacks for mounting, and the command that mends it
	@scripts/dist.sh
	@cli/target/slabmount/bin/slabmount doctor

clean: ## remove everything that was built
	@scripts/mvn.sh --terse clean
