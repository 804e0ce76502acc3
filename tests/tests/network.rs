//! Nothing here ever opens a network connection: a process in which the kernel forbids it works.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};

use deepdrummer_core::session::command::KitChoice;
use deepdrummer_tests::artifacts;
use deepdrummer_tests::clap_host::{Input, Library, until};
use deepdrummer_tests::screen::HostWindow;
use deepdrummer_tests::state;
use deepdrummer_tests::syscalls::forbid_network;
use deepdrummer_tests::transport::Transport;

/// What a child of this program does, in its environment.
const ROLE: &str = "DEEPDRUMMER_TEST_ROLE";

/// A command whose process is killed when it opens a network socket.
fn without_network(command: &mut Command) -> &mut Command {
    // SAFETY: the closure makes two system calls and touches no memory but its own stack.
    #[expect(unsafe_code, reason = "between fork and exec only little is allowed")]
    unsafe {
        command.pre_exec(forbid_network)
    }
}

fn child(role: &str) -> std::io::Result<ExitStatus> {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "role", "--nocapture", "--test-threads=1"]).env(ROLE, role);
    without_network(&mut program).status()
}

/// Not a test of its own: what children run. Without a role there is nothing to do.
#[test]
fn role() {
    match std::env::var(ROLE).as_deref() {
        Ok("connect") => {
            let _ = std::net::TcpStream::connect("127.0.0.1:9");
        }
        Ok("use the plugin") => use_the_plugin(),
        _ => {}
    }
}

/// Own sounds, a rating, the next loop, the window, saving and loading.
fn use_the_plugin() {
    let library = Library::bundled();
    let sounds = tempfile::tempdir().unwrap();
    artifacts::write_one_shots(sounds.path(), 8);
    let first = state::with_first_loop(&library);
    let mut document = state::document(&first);
    document.kit = KitChoice::Folders(vec![sounds.path().to_owned()]);
    let mut plugin = library.open();
    assert!(plugin.load(&state::with_session_text(&first, &document.write().unwrap())));
    let mut session = plugin.activate(48_000.0, 512);
    let window = HostWindow::open();
    if let Some(window) = &window {
        plugin.open_editor(u64::from(window.id)).unwrap();
    }
    let mut transport = Transport::playing(0.0, 120.0);
    session.process(512, Some(&transport), &[]);
    session.process(512, Some(&transport), &[(0, Input::Parameter { id: "like", value: 1.0 })]);
    until("the rating", || {
        session.process(512, Some(&transport), &[]);
        transport = transport.after(512, 48_000.0);
        plugin.idle();
        (state::document(&plugin.save()).judgements.len() == 1).then_some(())
    });
    if window.is_some() {
        plugin.close_editor();
    }
    plugin.deactivate(session);
}

/// `false` where the kernel offers no such rule.
fn kernel_can_forbid() -> bool {
    match child("connect") {
        Ok(status) => {
            assert_eq!(status.signal(), Some(libc::SIGSYS), "the rule bites: {status}");
            true
        }
        Err(error) => {
            println!("skipped: no seccomp here ({error})");
            false
        }
    }
}

#[test]
fn the_plugin_uses_no_network() {
    if kernel_can_forbid() {
        let status = child("use the plugin").unwrap();
        assert!(status.success(), "{status}");
    }
}

#[test]
fn the_headless_tool_uses_no_network() {
    if !kernel_can_forbid() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    artifacts::enter_own_home();
    let mut tool = Command::new(artifacts::tool());
    tool.args(["session", "--audio"]).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut tool = without_network(&mut tool).spawn().unwrap();
    tool.stdin.take().unwrap().write_all(b"{\"do\":\"propose\"}\n{\"do\":\"sample\",\"n\":2}\n").unwrap();
    let done = tool.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", done.status);
    assert_eq!(String::from_utf8_lossy(&done.stdout).lines().count(), 2);
}
