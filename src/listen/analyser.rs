//! The thread of an open window that makes columns of what the audio thread leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use plugin_ui::SoundColumn;
use rtrb::{Consumer, Producer, RingBuffer};

use super::column::Analysis;
use super::tap::{Line, SoundTap};

/// Columns that wait for the window, which may rest for a tenth of a second: some 0.7 s.
const WAITING_COLUMNS: usize = 64;

/// How often the thread looks for sound.
const REST: Duration = Duration::from_millis(8);

/// An analyser at work; dropping it ends its thread. GUI thread.
pub struct Analyser {
    columns: Consumer<SoundColumn>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Analyser {
    /// Listens to this instance from now on. `tick` is called on its thread, some hundred times a second.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(sound: Arc<SoundTap>, tick: impl FnMut() + Send + 'static) -> std::io::Result<Self> {
        let (give, columns) = RingBuffer::new(WAITING_COLUMNS);
        let is_over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_over);
        // Before the host is asked to wake a plugin that sleeps: one that finds no window open goes to sleep again.
        sound.set_open(true);
        let tap = Arc::clone(&sound);
        let work = move || run(&tap, give, &told, tick);
        let thread = std::thread::Builder::new().name("timbreloom-listener".into()).spawn(work);
        let thread = thread.inspect_err(|_| sound.set_open(false))?;
        Ok(Self { columns, is_over, thread: Some(thread) })
    }

    /// Appends what was heard since the last call, oldest first.
    pub fn read(&mut self, columns: &mut Vec<SoundColumn>) {
        while let Ok(column) = self.columns.pop() {
            columns.push(column);
        }
    }
}

impl Drop for Analyser {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It looks at once: a few columns' work at the most.
            let _ = thread.join();
        }
    }
}

fn run(tap: &SoundTap, mut columns: Producer<SoundColumn>, is_over: &AtomicBool, mut tick: impl FnMut()) {
    let mut heard: Option<(Line, Analysis)> = None;
    // What an earlier window has left in the ring is not now.
    if let Some(mut line) = tap.take_line() {
        while line.pieces.pop().is_ok() {}
        tap.put_back(line);
    }
    while !is_over.load(Ordering::Acquire) {
        if let Some(line) = tap.take_line() {
            // The host has restarted the plugin; what it played before is further back.
            let began_s = heard.as_ref().map_or(0.0, |(_, analysis)| analysis.last_s);
            let analysis = Analysis::new(line.rate_hz, began_s);
            heard = Some((line, analysis));
        }
        if let Some((line, analysis)) = &mut heard {
            while let Ok(piece) = line.pieces.pop() {
                // A window that rests for longer than the queue is long misses what it would not have shown.
                analysis.take(&piece, |column| {
                    let _ = columns.push(column);
                });
                if is_over.load(Ordering::Acquire) {
                    break;
                }
            }
        }
        tick();
        std::thread::park_timeout(REST);
    }
    tap.set_open(false);
    if let Some((line, _)) = heard {
        tap.put_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugin_knows_of_a_window_when_its_analyser_has_been_started_and_until_it_is_gone() {
        let sound = Arc::<SoundTap>::default();
        for _ in 0..100 {
            let analyser = Analyser::start(Arc::clone(&sound), || {}).expect("a thread");
            assert!(sound.is_open());
            drop(analyser);
            assert!(!sound.is_open());
        }
    }
}
