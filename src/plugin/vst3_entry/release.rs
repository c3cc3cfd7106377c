//! Lets an instance go without taking its tasks' owner from under the framework's background thread.
//!
//! All instances of a plugin share one such thread. It ends on a task whose instance has gone, nothing that is asked of it
//! from then on is done, and the last instance aborts the host: its end writes to the thread's closed queue. A task that asks
//! for a restart, or tells the window of a parameter, is all it takes, on a machine that is busy enough.
//!
//! So for each plugin one instance that no host has is made and kept for ever, and with it the thread. An instance that is
//! let go waits until a fence, sent through the kept one, has passed the queue: then none of its tasks is left in it.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use nih_plug::prelude::{AsyncExecutor, Params, Plugin};
use nih_plug::wrapper::vst3::Wrapper;
use parking_lot::Mutex;

use super::Exported;

/// How long the host's thread waits for the tasks of an instance that it lets go. They usually take microseconds; after this
/// a thread of ours waits, and lets go in its place.
const PATIENCE: Duration = Duration::from_millis(50);

/// How often a thread of ours waits a second for a queue that is full or never emptied, before the instance stays for good.
const ATTEMPTS: u32 = 600;

/// A task that does nothing but say that its turn has come.
pub struct Fence(SyncSender<()>);

impl Fence {
    /// Framework's background thread.
    pub fn pass(&self) {
        // Nobody waits any more when it took too long.
        let _ = self.0.try_send(());
    }
}

/// What all instances of a plugin share: the parts of the one that is kept.
pub(super) struct Site {
    /// The kept instance's parameters. They are never played: a place to work values out.
    pub(super) params: Mutex<Arc<dyn Params>>,
    send: Box<dyn Fn(Fence) + Send + Sync>,
}

impl Site {
    /// Sends a fence; it is lost when the queue is full, which shows as a closed channel.
    fn fence(&self) -> Receiver<()> {
        let (sender, passed) = sync_channel(1);
        (self.send)(Fence(sender));
        passed
    }
}

type Handed = (Arc<dyn Params>, Box<dyn Fn(Fence) + Send + Sync>);

thread_local! {
    /// `Some` while the instance that is kept is being made on this thread.
    static HANDED: RefCell<Option<Option<Handed>>> = const { RefCell::new(None) };
}

/// What a new instance has of the framework's. Kept of the instance that nobody has; no-op for all others.
pub(in crate::plugin) fn hand_over<P: Plugin<BackgroundTask: From<Fence>>>(
    params: Arc<dyn Params>,
    executor: AsyncExecutor<P>,
) {
    HANDED.with_borrow_mut(|handed| {
        if let Some(handed) = handed {
            *handed = Some((params, Box::new(move |fence| executor.execute_background(fence.into()))));
        }
    });
}

/// The plugin's site, made with its first instance. Main thread.
pub(super) fn site<P: Exported>() -> &'static Site {
    P::site().get_or_init(|| {
        HANDED.set(Some(None));
        let kept = Wrapper::<P>::new();
        let handed = HANDED.take().flatten();
        // Kept for ever, with the background thread: its end is what must not come.
        std::mem::forget(kept);
        let (params, send) = handed.unwrap_or_else(|| (P::default().params(), Box::new(drop)));
        Site { params: Mutex::new(params), send }
    })
}

/// A wrapper on its way to the thread that lets it go. It is not let go by being dropped.
struct Parting<P: Exported>(ManuallyDrop<Wrapper<P>>);

// SAFETY: what is in a wrapper may be dropped by any thread: the plugin and its editor are `Send`, the parameters shared, and
// the component handler is our own relay, whose count is atomic. Its window belongs to the thread that opened it, but
// has been closed when the host lets go of the view, as VST3 asks it to before it lets go of the component.
unsafe impl<P: Exported> Send for Parting<P> {}

impl<P: Exported> Parting<P> {
    fn let_go(self) {
        drop(ManuallyDrop::into_inner(self.0));
    }
}

/// Lets go of an instance that no host has any more, once none of its tasks is left. Main thread; waits at most [`PATIENCE`].
pub(super) fn release<P: Exported>(wrapper: Wrapper<P>) {
    let site = site::<P>();
    let parting = Parting(ManuallyDrop::new(wrapper));
    let passed = site.fence();
    if passed.recv_timeout(PATIENCE).is_ok() {
        return parting.let_go();
    }
    let wait = move || {
        // The whole, and not the wrapper in it, which is not `Send` by itself.
        let parting: Parting<P> = parting;
        let mut passed = passed;
        for _ in 0..ATTEMPTS {
            match passed.recv_timeout(Duration::from_secs(1)) {
                Ok(()) => return parting.let_go(),
                // Not yet.
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    std::thread::sleep(Duration::from_secs(1));
                    passed = site.fence();
                }
            }
        }
    };
    // Without a thread, too, the instance stays: it holds memory, and harms nobody.
    let _ = std::thread::Builder::new().name("timbreloom-parting".into()).spawn(wait);
}
