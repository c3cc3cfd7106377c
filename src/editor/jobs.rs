//! Work that would hold the window up, one piece after the other on a thread of its own.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use plugin_ui::Tone;
use plugin_ui::session::Notice;

use super::browser_lists::BrowserLists;
use crate::preset::Document;

/// What came of a piece of work.
#[derive(Debug, Default)]
pub struct JobReport {
    /// What to tell the musician.
    pub notice: Option<Notice>,
    /// What is installed, where that was read again.
    pub cards: Option<BrowserLists>,
    /// A preset that was read and is to be loaded.
    pub preset: Option<Document>,
    /// A preset that was written, and so holds what is heard.
    pub saved: Option<Document>,
}

impl From<Notice> for JobReport {
    fn from(notice: Notice) -> Self {
        Self { notice: Some(notice), ..Self::default() }
    }
}

type Work<R> = Box<dyn FnOnce() -> R + Send>;

/// The queue of one instance; `R` is what comes of a piece of work. Its thread is started with the first one, and ends with the
/// queue.
pub struct Jobs<R = JobReport> {
    worker: Option<Worker<R>>,
    /// What is under way and what waits, in the words of the window.
    labels: VecDeque<String>,
}

impl<R> Default for Jobs<R> {
    fn default() -> Self {
        Self { worker: None, labels: VecDeque::new() }
    }
}

struct Worker<R> {
    give: Option<Sender<Work<R>>>,
    reports: Receiver<R>,
    thread: Option<JoinHandle<()>>,
}

impl<R: From<Notice> + Send + 'static> Worker<R> {
    fn start() -> std::io::Result<Self> {
        let (give, works) = channel::<Work<R>>();
        let (tell, reports) = channel();
        let run = move || {
            for work in works {
                let report = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                    let text = "Something broke in Timbreloom and was left undone. Try it again; if it happens again, \
                                report it.";
                    Notice { tone: Tone::Trouble, text: text.into() }.into()
                });
                if tell.send(report).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("timbreloom-jobs".into()).spawn(run)?;
        Ok(Self { give: Some(give), reports, thread: Some(thread) })
    }
}

impl<R> Drop for Worker<R> {
    fn drop(&mut self) {
        self.give = None;
        if let Some(thread) = self.thread.take() {
            // What is under way is ended first: the code must not be unloaded beneath it.
            let _ = thread.join();
        }
    }
}

impl<R: From<Notice> + Send + 'static> Jobs<R> {
    /// Queues work. `label` says what is done, as “Examining flute.zip …”.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn queue(&mut self, label: String, work: impl FnOnce() -> R + Send + 'static) -> std::io::Result<()> {
        let worker = match &mut self.worker {
            Some(worker) => worker,
            none => none.insert(Worker::start()?),
        };
        let is_sent = worker.give.as_ref().is_some_and(|give| give.send(Box::new(work)).is_ok());
        if is_sent {
            self.labels.push_back(label);
        }
        Ok(())
    }

    /// Whether nothing is under way.
    pub fn rests(&self) -> bool {
        self.labels.is_empty()
    }

    /// What is under way; empty when nothing.
    pub fn busy(&self) -> &str {
        self.labels.front().map_or("", String::as_str)
    }

    /// What has come of work since the last call, oldest first. Returns at once.
    pub fn reports(&mut self) -> Vec<R> {
        let reports: Vec<R> = self.worker.iter().flat_map(|worker| worker.reports.try_iter()).collect();
        self.labels.drain(..reports.len().min(self.labels.len()));
        reports
    }

    /// Ends the thread, if it rests. Returns at once.
    pub fn rest(&mut self) {
        if self.labels.is_empty() {
            self.worker = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_in_its_order_and_a_panic_is_told() {
        let mut jobs = Jobs::<JobReport>::default();
        let (go, wait) = channel::<()>();
        jobs.queue("first".into(), move || {
            wait.recv().unwrap();
            JobReport::default()
        })
        .unwrap();
        jobs.queue("second".into(), || panic!("told to")).unwrap();
        assert_eq!(jobs.busy(), "first");
        assert!(jobs.reports().is_empty(), "it waits, and the window does not");
        go.send(()).unwrap();
        let mut reports = Vec::new();
        while reports.len() < 2 {
            reports.extend(jobs.reports());
            std::thread::yield_now();
        }
        assert!(reports[0].notice.is_none() && reports[1].notice.as_ref().unwrap().text.contains("broke"));
        assert_eq!(jobs.busy(), "");
        jobs.rest();
        assert!(jobs.worker.is_none());
    }
}
