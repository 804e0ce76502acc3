//! The system calls of one thread, seen by the kernel: what a realtime thread must not make.
//!
//! A seccomp filter on that thread hands every call to a supervisor, which notes it and lets it go on
//! unchanged. And a filter for a child process that may open no network socket. Linux only.
#![expect(unsafe_code, reason = "seccomp has no safe interface")]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use libc::{c_int, c_long, c_ulong, sock_filter, sock_fprog};

/// How often the supervisor looks whether it is still needed.
const LOOK_MS: c_int = 20;

/// Watches one thread: [`Watch::begin`] on that thread, then [`Watch::inside`] around what must make no
/// system call.
pub struct Watch {
    shared: Arc<Shared>,
    supervisor: Option<JoinHandle<()>>,
}

struct Shared {
    listener: AtomicI32,
    inside: AtomicBool,
    over: AtomicBool,
    inside_calls: Mutex<Vec<i32>>,
}

impl Watch {
    /// Watches the calling thread from now on, until that thread ends.
    ///
    /// # Errors
    /// The kernel has no seccomp, or does not let this process use it.
    pub fn begin() -> io::Result<Self> {
        let shared = Arc::new(Shared {
            listener: AtomicI32::new(-1),
            inside: AtomicBool::new(false),
            over: AtomicBool::new(false),
            inside_calls: Mutex::new(Vec::new()),
        });
        let of_supervisor = Arc::clone(&shared);
        // Started first: once the filter is there, each call of this thread waits for its answer.
        let supervisor = std::thread::spawn(move || supervise(&of_supervisor));
        let everything = [statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_USER_NOTIF)];
        match install(&everything, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER) {
            Ok(listener) => {
                shared.listener.store(listener as i32, Ordering::Release);
                Ok(Self { shared, supervisor: Some(supervisor) })
            }
            Err(error) => {
                shared.over.store(true, Ordering::Release);
                let _ = supervisor.join();
                Err(error)
            }
        }
    }

    /// Does something that must make no system call.
    pub fn inside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.shared.inside.store(true, Ordering::Release);
        let done = work();
        self.shared.inside.store(false, Ordering::Release);
        done
    }

    /// The numbers of the calls that were made inside.
    #[must_use]
    pub fn calls(&self) -> Vec<i32> {
        self.shared.inside_calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watch {
    /// On another thread than the watched one, once that has ended: its calls wait for the supervisor.
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        if let Some(supervisor) = self.supervisor.take() {
            let _ = supervisor.join();
        }
    }
}

fn supervise(shared: &Shared) {
    let listener = loop {
        match shared.listener.load(Ordering::Acquire) {
            -1 if shared.over.load(Ordering::Acquire) => return,
            -1 => std::thread::yield_now(),
            // SAFETY: the kernel gave this descriptor to `install`, and nobody else owns it.
            listener => break unsafe { OwnedFd::from_raw_fd(listener) },
        }
    };
    let mut poll = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    while !shared.over.load(Ordering::Acquire) {
        // SAFETY: one valid entry.
        let ready = unsafe { libc::poll(&raw mut poll, 1, LOOK_MS) };
        if ready <= 0 || poll.revents & libc::POLLIN == 0 {
            continue;
        }
        // SAFETY: a structure of plain numbers, which the kernel wants zeroed.
        let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the request matches the structure.
        if unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut call) } != 0 {
            continue;
        }
        if shared.inside.load(Ordering::Acquire) {
            shared.inside_calls.lock().unwrap_or_else(PoisonError::into_inner).push(call.data.nr);
        }
        // The call goes on as if nobody had looked.
        let flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
        let mut answer = libc::seccomp_notif_resp { id: call.id, val: 0, error: 0, flags };
        // SAFETY: the request matches the structure.
        unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut answer) };
    }
}

/// From now on this process is killed when it opens a socket that is not a local one. Meant for a child
/// between fork and exec: it allocates nothing.
///
/// # Errors
/// The kernel has no seccomp, or does not let this process use it.
pub fn forbid_network() -> io::Result<()> {
    // Offsets in `struct seccomp_data`: the call's number, and the low half of its first argument.
    let (number, first) = (0, 16);
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let equals = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    let filter = [
        statement(load, number),
        jump(equals, libc::SYS_socket as u32, 0, 2),
        statement(load, first),
        jump(equals, libc::AF_UNIX as u32, 0, 1),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_KILL_PROCESS),
    ];
    install(&filter, 0).map(|_| ())
}

fn statement(code: u32, k: u32) -> sock_filter {
    jump(code, k, 0, 0)
}

fn jump(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}

fn install(filter: &[sock_filter], flags: c_ulong) -> io::Result<c_long> {
    let program = sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    // SAFETY: numbers only.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the program points to a filter that lives until the call returns; the kernel copies it.
    let done =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(done) }
}
