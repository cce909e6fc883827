// SPDX-License-Identifier: GPL-2.0-only
#include "controller/controller.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/sd_notify.h"
#include "controller/event_feed.h"
#include "controller/feedback_loop.h"
#include "controller/health_update.h"
#include "controller/nexthops.h"
#include "controller/passive_monitor.h"
#include "controller/prober.h"
#include "store/controller_lock.h"
#include "store/event_log.h"
#include "store/store.h"
#include "store/transaction.h"

/* Interval of the checks for due work. */
#define TICK_MS NEXTHOP_MONITOR_POLL_MS

/* Wait for the lock; probes are not served meanwhile. */
#define LOCK_MS 50

#define SLOW_START_STEP_MS 1000
#define FAILURE_PAUSE_MS   1000

struct controller {
	const char *instance;
	const struct controller_callbacks *callbacks;
	struct controller_lock watch;
	struct store store; /* paused except during work() */
	bool is_open;
	struct loop *loop;
	struct loop_timer *tick;
	struct loop_signal *signals[3];
	struct prober prober;
	struct nexthops nexthops;
	struct feedback_loop feedback_loop;
	struct passive_monitor passive_monitor;
	struct loop_watch *nexthop_watch; /* netlink notifications of neighbours and routes */
	__u64 generation; /* of the configuration in use */
	struct lb_backend_config *previous; /* its backends, by id; NULL at first */
	struct event_feed event_feed;
	bool is_ready; /* all work has been done at least once */
	bool has_slow_starts;
	bool has_stale_nexthops;
	__u64 pause_ms, slow_start_ms, feedback_ms, watchdog_ms; /* when each is due */
	int end; /* return value of controller_run() */
};

static void end(struct controller *controller, int why)
{
	controller->end = why;
	loop_stop(controller->loop);
}

static void report_failure(struct controller *controller, const char *what, int error)
{
	controller->callbacks->report_failure(controller->callbacks->owner, what, error);
	controller->pause_ms = clock_monotonic_ms() + FAILURE_PAUSE_MS;
}

static void results_ready(void *owner)
{
	struct controller *controller = owner;
	__u64 now_ms = clock_monotonic_ms(), due_ms = controller->prober.due_ms;
	__u64 left_ms = due_ms > now_ms ? due_ms - now_ms : 0;

	if (left_ms < TICK_MS)
		loop_timer_start(controller->tick, left_ms);
}

static void probe_start_failed(void *owner, int error)
{
	report_failure(owner, "starting a probe", error);
}

/* --- work with the store open --------------------------------------------- */

/* After a commit: updates targets, next hops and members, and starts slow starts. */
static int update_config(struct controller *controller, struct store *store)
{
	int error;

	if (controller->generation == store->control->generation)
		return 0;
	error = prober_update(&controller->prober, store);
	if (!error)
		error = nexthops_update(&controller->nexthops, store);
	if (!error)
		error = feedback_loop_update(&controller->feedback_loop, store);
	if (!error)
		error = passive_monitor_update(&controller->passive_monitor, store);
	if (!error && controller->previous)
		health_update_begin_slow_starts(store, controller->previous);
	return error;
}

/* Copies the backends, which the next commit is compared with. Returns 0 or -ENOMEM. */
static int save_config(struct controller *controller, const struct store *store)
{
	size_t bytes = store->control->max_backends * sizeof(*controller->previous);

	if (controller->previous && controller->generation == store->control->generation)
		return 0;
	if (!controller->previous)
		controller->previous = malloc(bytes);
	if (!controller->previous)
		return -ENOMEM;
	memcpy(controller->previous, store->config.backend, bytes);
	controller->generation = store->control->generation;
	return 0;
}

static bool is_feedback_due(const struct controller *controller, __u64 now_ms)
{
	return controller->feedback_loop.is_enabled && now_ms >= controller->feedback_ms;
}

static int work_locked(struct controller *controller, struct store *store)
{
	__u64 now_ms = clock_monotonic_ms();
	bool changed;
	int error;

	if (!controller->is_ready)
		event_log_add(store, LB_EVENT_CONTROLLER, 0, 0, "started, process %d", getpid());
	error = update_config(controller, store);
	if (error)
		return error;
	prober_write(&controller->prober, store);
	passive_monitor_report(&controller->passive_monitor, store, &controller->prober);
	controller->has_slow_starts = health_update_step_slow_starts(store);
	controller->slow_start_ms = clock_monotonic_ms() + SLOW_START_STEP_MS;
	if (controller->has_stale_nexthops)
		nexthops_write(&controller->nexthops, store);
	controller->has_stale_nexthops = false;
	if (is_feedback_due(controller, now_ms)) {
		feedback_loop_step(&controller->feedback_loop, store, now_ms * 1000000);
		controller->feedback_ms = now_ms + FEEDBACK_PERIOD_NS / 1000000;
	}
	error = store_commit(store, &changed);
	return error ? error : save_config(controller, store);
}

/* --- due work --------------------------------------------------------------- */

static void report_events(struct controller *controller)
{
	event_feed_notify(&controller->event_feed, controller->callbacks->event,
			  controller->callbacks->owner);
}

/* True if retrying cannot help. */
static bool is_fatal(int error)
{
	return error == STORE_OTHER_ABI || error == STORE_DAMAGED || error == -EPERM;
}

static void handle_error(struct controller *controller, int error)
{
	if (error == STORE_ABSENT)
		end(controller, CONTROLLER_DETACHED);
	else if (is_fatal(error))
		end(controller, error);
	else if (error != STORE_LOCKED)
		report_failure(controller, "writing to the store", error);
}

static void become_ready(struct controller *controller)
{
	controller->is_ready = true;
	sd_notify_send("READY=1\nSTATUS=probing %zu target%s", controller->prober.targets.count,
		       controller->prober.targets.count == 1 ? "" : "s");
}

static int open_store(struct controller *controller)
{
	int error;

	if (controller->is_open)
		error = store_resume(&controller->store, LOCK_MS);
	else
		error = store_open(&controller->store, controller->instance, STORE_WRITE, LOCK_MS);
	if (!error)
		controller->is_open = true;
	else if (error != STORE_LOCKED)
		controller->is_open = false;
	return error;
}

static void work(struct controller *controller)
{
	int error = open_store(controller);

	if (error) {
		handle_error(controller, error);
		return;
	}
	if (!controller->is_ready)
		event_feed_start(&controller->event_feed, &controller->store);
	error = work_locked(controller, &controller->store);
	event_feed_collect(&controller->event_feed, &controller->store);
	store_pause(&controller->store);
	report_events(controller);
	if (error)
		handle_error(controller, error);
	else if (!controller->is_ready)
		become_ready(controller);
}

static bool is_due(const struct controller *controller, __u64 now_ms)
{
	const struct prober *prober = &controller->prober;

	if (now_ms < controller->pause_ms)
		return false;
	if (!controller->is_ready || controller->has_stale_nexthops ||
	    controller_lock_generation(&controller->watch) != controller->generation)
		return true;
	if (prober->has_results && now_ms >= prober->due_ms)
		return true;
	if (is_feedback_due(controller, now_ms) || controller->passive_monitor.has_failures)
		return true;
	return controller->has_slow_starts && now_ms >= controller->slow_start_ms;
}

static void ping_watchdog(struct controller *controller, __u64 now_ms)
{
	__u64 every_ms = sd_notify_watchdog_ms();

	if (!every_ms || now_ms < controller->watchdog_ms)
		return;
	sd_notify_send("WATCHDOG=1");
	controller->watchdog_ms = now_ms + every_ms / 2;
}

static void tick(void *owner)
{
	struct controller *controller = owner;
	__u64 now_ms = clock_monotonic_ms();

	if (controller_lock_instance_is_gone(&controller->watch)) {
		end(controller, CONTROLLER_DETACHED);
		return;
	}
	controller->has_stale_nexthops |= nexthops_poll(&controller->nexthops, now_ms);
	if (controller->is_open)
		passive_monitor_poll(&controller->passive_monitor, &controller->store, now_ms);
	if (is_due(controller, now_ms))
		work(controller);
	ping_watchdog(controller, now_ms);
	controller->callbacks->ticked(controller->callbacks->owner, controller->is_ready);
	loop_timer_start(controller->tick, TICK_MS);
}

/* --- start and end --------------------------------------------------------- */

static void stop(void *owner, int number)
{
	(void)number;
	sd_notify_send("STOPPING=1");
	end(owner, CONTROLLER_STOPPED);
}

/* SIGHUP: reads the configuration again and restarts all probes. */
static void reload(void *owner, int number)
{
	struct controller *controller = owner;

	(void)number;
	sd_notify_send("RELOADING=1\nMONOTONIC_USEC=%llu", clock_monotonic_ns() / 1000);
	prober_reset(&controller->prober);
	controller->pause_ms = 0;
	controller->generation = ~0ULL;
	work(controller);
	sd_notify_send("READY=1");
}

static void nexthop_notified(void *owner, int events)
{
	struct controller *controller = owner;

	(void)events;
	nexthops_read(&controller->nexthops);
}

static int watch_nexthops(struct controller *controller)
{
	int error = nexthops_open(&controller->nexthops);

	if (!error)
		error = loop_watch_create(controller->loop, nexthops_fd(&controller->nexthops),
					  nexthop_notified, controller, &controller->nexthop_watch);
	if (!error)
		loop_watch_set_events(controller->nexthop_watch, LOOP_READ);
	return error;
}

static int prepare(struct controller *controller)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	int error = loop_create(&controller->loop);

	if (!error)
		error = prober_open(&controller->prober, controller->loop);
	if (!error)
		error = loop_timer_create(controller->loop, tick, controller, &controller->tick);
	if (!error)
		error = watch_nexthops(controller);
	for (size_t i = 0; !error && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		error = loop_signal_create(controller->loop, numbers[i],
					   numbers[i] == SIGHUP ? reload : stop, controller,
					   &controller->signals[i]);
	return error ? error
		     : controller->callbacks->started(controller->callbacks->owner,
						      controller->loop);
}

static void release(struct controller *controller)
{
	controller->callbacks->stopping(controller->callbacks->owner);
	prober_close(&controller->prober);
	feedback_loop_release(&controller->feedback_loop);
	passive_monitor_release(&controller->passive_monitor);
	loop_watch_free(controller->nexthop_watch);
	nexthops_close(&controller->nexthops);
	for (size_t i = 0; i < sizeof(controller->signals) / sizeof(controller->signals[0]); i++)
		loop_signal_free(controller->signals[i]);
	loop_timer_free(controller->tick);
	loop_free(controller->loop);
	if (controller->is_open)
		store_close(&controller->store);
	free(controller->previous);
	controller_lock_release(&controller->watch);
}

/* Logs the end, if the lock is available. */
static void log_end(struct controller *controller)
{
	if (open_store(controller))
		return;
	event_log_add(&controller->store, LB_EVENT_CONTROLLER, 0, 0, "ended");
	event_feed_collect(&controller->event_feed, &controller->store);
	store_pause(&controller->store);
	report_events(controller);
}

int controller_run(const char *instance, const struct controller_callbacks *callbacks)
{
	struct controller controller = {
		.instance = instance,
		.callbacks = callbacks,
		.generation = ~0ULL,
		.prober = {.owner = &controller,
			   .result_ready = results_ready,
			   .report_failure = probe_start_failed},
	};
	int error = controller_lock_acquire(&controller.watch, instance);

	if (error)
		return error;
	srandom(getpid() ^ time(NULL));
	error = prepare(&controller);
	if (!error) {
		controller.feedback_ms =
			clock_monotonic_ms() + random() % (FEEDBACK_PERIOD_NS / 1000000);
		loop_timer_start(controller.tick, 0);
		loop_run(controller.loop);
		error = controller.end;
	}
	if (error == CONTROLLER_STOPPED)
		log_end(&controller);
	release(&controller);
	return error;
}
