// SPDX-License-Identifier: GPL-2.0-only
#include "controller/controller.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/sd_notify.h"
#include "controller/feedback_loop.h"
#include "controller/health_update.h"
#include "controller/nexthops.h"
#include "controller/passive_monitor.h"
#include "controller/prober.h"
#include "store/controller_lock.h"
#include "store/event_feed.h"
#include "store/event_log.h"
#include "store/store.h"

/* How often it looks whether anything is to be done. */
#define TICK_MS NEIGHBOUR_TURN_MS

/* What it waits for the lock before it goes back to its probes. */
#define LOCK_MS 50

#define SLOW_START_STEP_MS 1000
#define TROUBLE_PAUSE_MS   1000

struct controller {
	const char *instance;
	const struct controller_ears *ears;
	struct store_watch watch;
	struct store store; /* paused, unless it is being worked on */
	bool is_open;
	struct loop *loop;
	struct loop_timer *tick;
	struct loop_signal *signals[3];
	struct prober prober;
	struct hops hops;
	struct regulator regulator;
	struct lookout lookout;
	struct loop_watch *notices; /* of the kernel, about neighbours and routes */
	__u64 generation; /* that is probed and followed */
	struct lb_backend_config *seen; /* the backends of then; NULL at first */
	struct news news;
	bool is_ready; /* has done its work once */
	bool has_slow_starts;
	bool has_stale_hops;
	__u64 pause_ms, step_ms, regulate_ms, watchdog_ms; /* when it is time for these */
	int end;
};

static void end(struct controller *controller, int why)
{
	controller->end = why;
	loop_stop(controller->loop);
}

static void trouble(struct controller *controller, const char *what, int error)
{
	controller->ears->trouble(controller->ears->owner, what, error);
	controller->pause_ms = checkup_now_ms() + TROUBLE_PAUSE_MS;
}

static void probes_answered(void *owner)
{
	struct controller *controller = owner;

	__u64 now_ms = checkup_now_ms(), due_ms = controller->prober.due_ms;
	__u64 left_ms = due_ms > now_ms ? due_ms - now_ms : 0;

	if (left_ms < TICK_MS)
		loop_timer_start(controller->tick, left_ms);
}

static void probes_in_trouble(void *owner, int error)
{
	trouble(owner, "starting a probe", error);
}

/* --- what is done with the store open ------------------------------------ */

/* Somebody has committed something: whom to probe and to follow, and who joined. */
static int look_around(struct controller *controller, struct store *store)
{
	int error;

	if (controller->generation == store->control->generation)
		return 0;
	error = prober_update(&controller->prober, store);
	if (!error)
		error = hops_follow(&controller->hops, store);
	if (!error)
		error = regulator_follow(&controller->regulator, store);
	if (!error)
		error = lookout_follow(&controller->lookout, store);
	if (!error && controller->seen)
		checkup_welcome(store, controller->seen);
	return error;
}

/* What the store is now is what the next commit of others is compared with. */
static int remember(struct controller *controller, const struct store *store)
{
	size_t bytes = store->control->max_backends * sizeof(*controller->seen);

	if (controller->seen && controller->generation == store->control->generation)
		return 0;
	if (!controller->seen)
		controller->seen = malloc(bytes);
	if (!controller->seen)
		return -ENOMEM;
	memcpy(controller->seen, store->backend, bytes);
	controller->generation = store->control->generation;
	return 0;
}

static bool is_time_to_regulate(const struct controller *controller, __u64 now_ms)
{
	return controller->regulator.is_wanted && now_ms >= controller->regulate_ms;
}

static int work_on(struct controller *controller, struct store *store)
{
	__u64 now_ms = checkup_now_ms();
	bool changed;
	int error;

	if (!controller->is_ready)
		event_note(store, LB_EVENT_CONTROLLER, 0, 0, "started, process %d", getpid());
	error = look_around(controller, store);
	if (error)
		return error;
	prober_write(&controller->prober, store);
	lookout_tell(&controller->lookout, store, &controller->prober);
	controller->has_slow_starts = checkup_step_slow_starts(store);
	controller->step_ms = checkup_now_ms() + SLOW_START_STEP_MS;
	if (controller->has_stale_hops)
		hops_write(&controller->hops, store);
	controller->has_stale_hops = false;
	if (is_time_to_regulate(controller, now_ms)) {
		regulator_step(&controller->regulator, store, now_ms * 1000000);
		controller->regulate_ms = now_ms + FEEDBACK_PERIOD_NS / 1000000;
	}
	error = store_commit(store, &changed);
	return error ? error : remember(controller, store);
}

/* --- the work, and when it is due ----------------------------------------- */

static void tell(struct controller *controller)
{
	news_tell(&controller->news, controller->ears->event, controller->ears->owner);
}

/* Nothing that could be mended by trying again? */
static bool is_fatal(int error)
{
	return error == STORE_OTHER_ABI || error == STORE_DAMAGED || error == -EPERM;
}

static void failed(struct controller *controller, int error)
{
	if (error == STORE_ABSENT)
		end(controller, CONTROLLER_DETACHED);
	else if (is_fatal(error))
		end(controller, error);
	else if (error != STORE_LOCKED)
		trouble(controller, "writing to the store", error);
}

static void become_ready(struct controller *controller)
{
	controller->is_ready = true;
	notify("READY=1\nSTATUS=%zu target%s probed", controller->prober.roster.count,
	       controller->prober.roster.count == 1 ? " is" : "s are");
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
		failed(controller, error);
		return;
	}
	if (!controller->is_ready)
		news_begin(&controller->news, &controller->store);
	error = work_on(controller, &controller->store);
	news_collect(&controller->news, &controller->store);
	store_pause(&controller->store);
	tell(controller);
	if (error)
		failed(controller, error);
	else if (!controller->is_ready)
		become_ready(controller);
}

static bool is_due(const struct controller *controller, __u64 now_ms)
{
	const struct prober *prober = &controller->prober;

	if (now_ms < controller->pause_ms)
		return false;
	if (!controller->is_ready || controller->has_stale_hops ||
	    store_watch_generation(&controller->watch) != controller->generation)
		return true;
	if (prober->is_answered && now_ms >= prober->due_ms)
		return true;
	if (is_time_to_regulate(controller, now_ms) || controller->lookout.has_seen)
		return true;
	return controller->has_slow_starts && now_ms >= controller->step_ms;
}

static void feed_watchdog(struct controller *controller, __u64 now_ms)
{
	__u64 every_ms = notify_watchdog_ms();

	if (!every_ms || now_ms < controller->watchdog_ms)
		return;
	notify("WATCHDOG=1");
	controller->watchdog_ms = now_ms + every_ms / 2;
}

static void tick(void *owner)
{
	struct controller *controller = owner;
	__u64 now_ms = checkup_now_ms();

	if (store_watch_is_gone(&controller->watch)) {
		end(controller, CONTROLLER_DETACHED);
		return;
	}
	controller->has_stale_hops |= hops_turn(&controller->hops, now_ms);
	if (controller->is_open)
		lookout_look(&controller->lookout, &controller->store, now_ms);
	if (is_due(controller, now_ms))
		work(controller);
	feed_watchdog(controller, now_ms);
	controller->ears->turned(controller->ears->owner, controller->is_ready);
	loop_timer_start(controller->tick, TICK_MS);
}

/* --- beginning and end ----------------------------------------------------- */

static void stop(void *owner, int number)
{
	(void)number;
	notify("STOPPING=1");
	end(owner, CONTROLLER_STOPPED);
}

/* Whatever it knows is read again, and probing begins anew. */
static void begin_anew(void *owner, int number)
{
	struct controller *controller = owner;

	(void)number;
	notify("RELOADING=1\nMONOTONIC_USEC=%llu", loop_clock_ns() / 1000);
	prober_reset(&controller->prober);
	controller->pause_ms = 0;
	controller->generation = ~0ULL;
	work(controller);
	notify("READY=1");
}

static void notified(void *owner, int events)
{
	struct controller *controller = owner;

	(void)events;
	hops_read(&controller->hops);
}

static int listen(struct controller *controller)
{
	int error = hops_open(&controller->hops);

	if (!error)
		error = loop_watch_create(controller->loop, hops_fd(&controller->hops), notified,
					  controller, &controller->notices);
	if (!error)
		loop_watch_for(controller->notices, LOOP_READ);
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
		error = listen(controller);
	for (size_t i = 0; !error && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		error = loop_signal_create(controller->loop, numbers[i],
					   numbers[i] == SIGHUP ? begin_anew : stop, controller,
					   &controller->signals[i]);
	return error ? error : controller->ears->begun(controller->ears->owner, controller->loop);
}

static void release(struct controller *controller)
{
	controller->ears->ended(controller->ears->owner);
	prober_close(&controller->prober);
	regulator_release(&controller->regulator);
	lookout_release(&controller->lookout);
	loop_watch_free(controller->notices);
	hops_close(&controller->hops);
	for (size_t i = 0; i < sizeof(controller->signals) / sizeof(controller->signals[0]); i++)
		loop_signal_free(controller->signals[i]);
	loop_timer_free(controller->tick);
	loop_free(controller->loop);
	if (controller->is_open)
		store_close(&controller->store);
	free(controller->seen);
	store_watch_end(&controller->watch);
}

/* The last event, if the lock is to be had. */
static void say_goodbye(struct controller *controller)
{
	if (open_store(controller))
		return;
	event_note(&controller->store, LB_EVENT_CONTROLLER, 0, 0, "ended");
	news_collect(&controller->news, &controller->store);
	store_pause(&controller->store);
	tell(controller);
}

int controller_run(const char *instance, const struct controller_ears *ears)
{
	struct controller controller = {
		.instance = instance,
		.ears = ears,
		.generation = ~0ULL,
		.prober = {.owner = &controller,
			   .answered = probes_answered,
			   .trouble = probes_in_trouble},
	};
	int error = store_watch_begin(&controller.watch, instance);

	if (error)
		return error;
	srandom(getpid() ^ time(NULL));
	error = prepare(&controller);
	if (!error) {
		controller.regulate_ms =
			checkup_now_ms() + random() % (FEEDBACK_PERIOD_NS / 1000000);
		loop_timer_start(controller.tick, 0);
		loop_run(controller.loop);
		error = controller.end;
	}
	if (error == CONTROLLER_STOPPED)
		say_goodbye(&controller);
	release(&controller);
	return error;
}
