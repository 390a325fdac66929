/* Gives a program another clock, for tests: loaded with LD_PRELOAD.
 *
 * FYTECLUB_CLOCK_RATE=n lets its time run n times as fast: every clock, and every wait that is cut short by a time. Its wall clock has
 * done so since FYTECLUB_CLOCK_SINCE, in seconds since 1970, so that several programs agree on the time.
 * FYTECLUB_CLOCK_SET=file sets its wall clock by as many seconds as the file says, from the moment at which it says so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define FUTEX_OPERATION 127

static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_nanosleep)(clockid_t, int, const struct timespec *, struct timespec *);
static int (*real_epoll)(int, struct epoll_event *, int, int);
static long (*real_syscall)(long, ...);
static long long rate = 1, steady_began, wall_began;
static const char *set_by;

static long long read_clock(clockid_t id) {
  struct timespec at;
  real_gettime(id, &at);
  return at.tv_sec * SECOND + at.tv_nsec;
}

static struct timespec as_timespec(long long nanos) {
  return (struct timespec){.tv_sec = nanos / SECOND, .tv_nsec = nanos % SECOND};
}

__attribute__((constructor)) static void begin(void) {
  if (real_gettime) return;
  real_nanosleep = (int (*)(clockid_t, int, const struct timespec *, struct timespec *))dlsym(RTLD_NEXT, "clock_nanosleep");
  real_epoll = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
  real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const char *text = getenv("FYTECLUB_CLOCK_RATE");
  if (text && atoll(text) > 0) rate = atoll(text);
  steady_began = read_clock(CLOCK_MONOTONIC);
  const char *since = getenv("FYTECLUB_CLOCK_SINCE");
  wall_began = since ? atoll(since) * SECOND : read_clock(CLOCK_REALTIME);
  set_by = getenv("FYTECLUB_CLOCK_SET");
}

static long long wall_is_off(void) {
  char text[32];
  int file = set_by ? open(set_by, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  text[length > 0 ? length : 0] = 0;
  return atoll(text) * SECOND;
}

/* The steady clock's reading at which the program's own one shows this. */
static struct timespec really(const struct timespec *shown) {
  return as_timespec(steady_began + (shown->tv_sec * SECOND + shown->tv_nsec - steady_began) / rate);
}

static struct timespec shorter(const struct timespec *wait) {
  return as_timespec((wait->tv_sec * SECOND + wait->tv_nsec) / rate);
}

int clock_gettime(clockid_t id, struct timespec *at) {
  begin();
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      *at = as_timespec(wall_began + (read_clock(CLOCK_REALTIME) - wall_began) * rate + wall_is_off());
      return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
      *at = as_timespec(steady_began + (read_clock(CLOCK_MONOTONIC) - steady_began) * rate);
      return 0;
    default:
      return real_gettime(id, at);
  }
}

int epoll_wait(int queue, struct epoll_event *events, int most, int millis) {
  begin();
  return real_epoll(queue, events, most, millis > 0 ? (int)((millis + rate - 1) / rate) : millis);
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *wait, struct timespec *left) {
  begin();
  (void)id; /* Nobody here sleeps by the wall clock. */
  struct timespec changed = flags & TIMER_ABSTIME ? really(wait) : shorter(wait);
  return real_nanosleep(CLOCK_MONOTONIC, flags, &changed, left);
}

int nanosleep(const struct timespec *wait, struct timespec *left) {
  return clock_nanosleep(CLOCK_MONOTONIC, 0, wait, left);
}

/* Threads that wait for each other use futexes, and say until when. */
long syscall(long number, ...) {
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(arguments, long);
  va_end(arguments);
  begin();
  struct timespec changed;
  if (number == SYS_futex && a[3] && ((a[1] & FUTEX_OPERATION) == FUTEX_WAIT || (a[1] & FUTEX_OPERATION) == FUTEX_WAIT_BITSET)) {
    const struct timespec *until = (const struct timespec *)a[3];
    changed = (a[1] & FUTEX_OPERATION) == FUTEX_WAIT ? shorter(until) : really(until);
    a[3] = (long)&changed;
  }
  return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
