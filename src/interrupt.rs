//! A polite end: Ctrl-C, a closed terminal, a system that goes down. What is half written is taken away, and nobody is
//! accused of a crash.
//!
//! Whoever leaves something behind while working says how to clear it away with [`on_interrupt`], and the program
//! listens with [`watch`]. A plugin lives in another one's process and never listens: there it costs an entry in a list.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

type Action = Box<dyn FnOnce() + Send>;

struct List {
    next: u64,
    actions: Vec<(u64, Action)>,
}

static LIST: Mutex<List> = Mutex::new(List { next: 0, actions: Vec::new() });

/// Takes its action off the list when it is dropped: then there is nothing left to clear away.
#[must_use = "the action counts as long as this lives"]
pub struct Cleanup(u64);

impl Drop for Cleanup {
    fn drop(&mut self) {
        let action = {
            let Ok(mut list) = LIST.lock() else { return };
            let index = list.actions.iter().position(|(id, _)| *id == self.0);
            index.map(|index| list.actions.remove(index))
        };
        drop(action);
    }
}

/// Has `action` run when a polite signal ends the program, as long as the answer lives. It may touch files, and should be
/// short.
pub fn on_interrupt(action: impl FnOnce() + Send + 'static) -> Cleanup {
    let Ok(mut list) = LIST.lock() else { return Cleanup(u64::MAX) };
    list.next += 1;
    let id = list.next;
    list.actions.push((id, Box::new(action)));
    Cleanup(id)
}

/// Whom the next signal asks to end.
static GENTLE: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);

/// While it lives the first polite signal asks for an end and no more, so that what is under way can be finished. The next one
/// clears away and ends the program, as ever.
#[must_use = "it counts as long as it lives"]
pub struct GentleEnd(Arc<AtomicBool>);

/// See [`GentleEnd`]. One at a time; the last one counts.
pub fn end_gently() -> GentleEnd {
    let is_asked = Arc::<AtomicBool>::default();
    if let Ok(mut gentle) = GENTLE.lock() {
        *gentle = Some(Arc::clone(&is_asked));
    }
    GentleEnd(is_asked)
}

impl GentleEnd {
    /// Whether a signal has asked for the end.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for GentleEnd {
    fn drop(&mut self) {
        if let Ok(mut gentle) = GENTLE.lock() {
            *gentle = None;
        }
    }
}

/// Hands a signal to whoever can end gently; false where nobody can.
fn asks_gently() -> bool {
    let gentle = GENTLE.lock().ok().and_then(|mut gentle| gentle.take());
    gentle.inspect(|is_asked| is_asked.store(true, Ordering::Release)).is_some()
}

/// Runs what is on the list, the latest first, and keeps the list locked for good: nothing may begin any more.
fn clear_away() {
    let Ok(mut list) = LIST.lock() else { return };
    while let Some((_, action)) = list.actions.pop() {
        action();
    }
    std::mem::forget(list);
}

/// From now on a polite signal clears away first, and then ends the program as it would have without this: the caller
/// sees that a signal did it. A signal that is ignored stays ignored (`nohup`). For programs, once, from the main thread.
///
/// # Errors
/// When the system refuses it; then signals end the program at once, as ever.
#[cfg(unix)]
pub fn watch() -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let is_heeded = |signal: &i32| {
        // SAFETY: an all-zero `sigaction` is a valid value to be written over.
        let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: with no new action given this only writes the current one to `now`.
        let answer = unsafe { libc::sigaction(*signal, std::ptr::null(), &mut now) };
        answer == 0 && now.sa_sigaction != libc::SIG_IGN
    };
    let signals: Vec<i32> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(is_heeded).collect();
    let mut signals = signal_hook::iterator::Signals::new(signals)?;
    std::thread::Builder::new().name("timbreloom-signals".into()).spawn(move || {
        if let Some(signal) = signals.forever().find(|_| !asks_gently()) {
            clear_away();
            // Ends the process by this very signal.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// As on Unix: Ctrl-C, Ctrl-Break and a closed console.
///
/// # Errors
/// When the system refuses it.
#[cfg(windows)]
pub fn watch() -> std::io::Result<()> {
    /// What Windows itself gives for Ctrl-C (STATUS_CONTROL_C_EXIT).
    const ENDED_BY_CTRL_C: i32 = 0xc000_013a_u32 as i32;
    ctrlc::set_handler(|| {
        if asks_gently() {
            return;
        }
        clear_away();
        std::process::exit(ENDED_BY_CTRL_C);
    })
    .map_err(std::io::Error::other)
}
