//! What a host's audio thread is: realtime priority, and blocks at the pace of a sound card.
#![expect(unsafe_code, reason = "priorities and clocks of threads are C functions")]

use std::time::Duration;

/// The system's clocks.
pub struct Clock;

impl Clock {
    /// What the calling thread has used of a processor: not what it had to wait for one.
    #[must_use]
    pub fn thread_cpu() -> Duration {
        now(libc::CLOCK_THREAD_CPUTIME_ID)
    }
}

fn now(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to a valid place; these clocks always exist.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Gives the calling thread a host's realtime priority; says whether the system allowed that.
pub fn become_realtime() -> bool {
    let wanted = libc::sched_param { sched_priority: 70 };
    // SAFETY: a valid structure; 0 is the calling thread.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const wanted) == 0 }
}

/// Wakes its thread once a block.
pub struct Pace {
    block: Duration,
    next: Duration,
}

impl Pace {
    /// Blocks of this length from now on.
    #[must_use]
    pub fn new(block: Duration) -> Self {
        Self { block, next: now(libc::CLOCK_MONOTONIC) }
    }

    /// Sleeps until the next block is due. What was missed is not caught up on.
    pub fn wait(&mut self) {
        self.next = (self.next + self.block).max(now(libc::CLOCK_MONOTONIC));
        let until = libc::timespec {
            tv_sec: self.next.as_secs() as libc::time_t,
            tv_nsec: libc::c_long::from(self.next.subsec_nanos() as i32),
        };
        // SAFETY: a valid time; nothing is written for an absolute one.
        unsafe {
            libc::clock_nanosleep(
                libc::CLOCK_MONOTONIC,
                libc::TIMER_ABSTIME,
                &raw const until,
                std::ptr::null_mut(),
            )
        };
    }
}
