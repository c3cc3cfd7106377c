//! Runs cases: finds new ones, watches time and memory, keeps what breaks. A case is written to a file before it is tried, so
//! that whoever started this process knows which one ended it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::cases::{MOST_GROWTH, peak_bytes, stored, stored_folder};
use crate::coverage::Coverage;
use crate::targets::{Target, target};

/// What a run is told by its environment: `TARGET SECONDS SEED FOLDER`.
const ORDERS: &str = "TIMBRELOOM_FUZZ";

/// A case that takes longer hangs.
const MOST_TIME: Duration = Duration::from_secs(20);

/// All address space there is, bytes.
const ADDRESS_SPACE: u64 = 16 << 30;

/// Trials of making a case smaller.
const SHRINKINGS: usize = 400;

/// Cases between two looks at what was reached: a look costs as much as a light case.
const BATCH: usize = 16;

/// A case that is longer is cut off: lists that grow by lists would take all the time.
const MAX_CASE_BYTES: usize = 256 << 10;

/// More cases than this are not kept: each is tried again and again.
const MAX_POOL: usize = 2000;

/// What a run does.
pub struct Orders {
    target: String,
    time: Duration,
    seed: u64,
    folder: PathBuf,
}

impl Orders {
    /// `None` where nobody gives any.
    pub fn from_environment() -> Option<Self> {
        let text = std::env::var(ORDERS).ok()?;
        Some(Self::parsed(&text).unwrap_or_else(|| panic!("{ORDERS} does not say what to do: {text}")))
    }

    fn parsed(text: &str) -> Option<Self> {
        let mut words = text.splitn(4, ' ');
        Some(Self {
            target: words.next()?.to_owned(),
            time: Duration::from_secs_f64(words.next()?.parse().ok()?),
            seed: words.next()?.parse().ok()?,
            folder: words.next()?.into(),
        })
    }
}

/// The last panic's words and place, of any thread.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Panics in other threads than the one that tries cases: something caught them, or the host would be gone.
static CAUGHT: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// When the case at hand was begun, milliseconds since the start plus one; 0 between cases.
static BEGAN_MS: AtomicU64 = AtomicU64::new(0);

fn listen_for_panics() {
    let runner = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        let words = info.payload_as_str().unwrap_or("something without words").lines().next().unwrap_or("").to_owned();
        let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
        let text = format!("{place}: {words}");
        if std::thread::current().id() == runner {
            *LAST_PANIC.lock().unwrap() = Some(text);
        } else {
            CAUGHT.lock().unwrap().get_or_insert_default().insert(place);
        }
    }));
}

/// Ends the process when a case hangs.
fn watch(began: Instant) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(250));
            let case_ms = BEGAN_MS.load(Ordering::Acquire);
            let most_ms = MOST_TIME.as_millis() as u64;
            if case_ms > 0 && began.elapsed().as_millis() as u64 > case_ms + most_ms {
                eprintln!("HANG: a case has taken over {} s", MOST_TIME.as_secs());
                std::process::abort();
            }
        }
    });
}

fn limit_memory() {
    let limit = libc::rlimit { rlim_cur: ADDRESS_SPACE, rlim_max: ADDRESS_SPACE };
    // SAFETY: the structure is only read.
    unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
}

struct Runner {
    target: Box<dyn Target>,
    began: Instant,
    current: PathBuf,
    findings: PathBuf,
    name: String,
    known: HashMap<String, usize>,
}

impl Runner {
    /// -> what is wrong, if anything.
    fn try_case(&mut self, case: &[u8]) -> Option<String> {
        let peak_before = peak_bytes();
        BEGAN_MS.store(self.began.elapsed().as_millis() as u64 + 1, Ordering::Release);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.target.attack(case)));
        BEGAN_MS.store(0, Ordering::Release);
        if outcome.is_err() {
            return LAST_PANIC.lock().unwrap().take().or(Some("a panic without a place".into()));
        }
        let growth = peak_bytes() - peak_before;
        (growth > MOST_GROWTH).then(|| format!("{} MB at once", growth >> 20))
    }

    /// Tries a case that may end this process; -> whether nothing is wrong.
    fn attack(&mut self, case: &[u8]) -> bool {
        fs::write(&self.current, case).unwrap();
        let fault = self.try_case(case);
        let is_well = fault.is_none();
        if let Some(fault) = fault {
            self.report(case, fault);
        }
        is_well
    }

    /// Keeps what is wrong, once for each kind, as small as it can be made.
    fn report(&mut self, case: &[u8], fault: String) {
        let kind = fault.split(": ").next().unwrap_or_default().to_owned();
        let count = self.known.entry(kind.clone()).or_default();
        *count += 1;
        if *count > 1 {
            return;
        }
        let small = self.shrink(case, &kind);
        fs::create_dir_all(&self.findings).unwrap();
        let name = format!(
            "{}-{:08x}",
            self.name,
            small.iter().fold(0x811c_9dc5u32, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
        );
        fs::write(self.findings.join(&name), &small).unwrap();
        println!("FINDING {} {name} {fault}", self.name);
    }

    fn shrink(&mut self, case: &[u8], kind: &str) -> Vec<u8> {
        let mut small = case.to_vec();
        let (mut span, mut trials) = (small.len() / 2, 0);
        while span > 0 && trials < SHRINKINGS {
            let mut at = 0;
            while at + span <= small.len() && trials < SHRINKINGS {
                let mut smaller = small.clone();
                smaller.drain(at..at + span);
                trials += 1;
                match self.try_case(&smaller) {
                    Some(fault) if fault.starts_with(kind) => small = smaller,
                    _ => at += span,
                }
            }
            span /= 2;
        }
        small
    }
}

/// Tries cases until the time is over, and prints what was done.
pub fn run(orders: &Orders) {
    listen_for_panics();
    limit_memory();
    let began = Instant::now();
    watch(began);
    let name = &orders.target;
    let scratch = tempfile::tempdir().unwrap();
    let pool_folder = orders.folder.join("corpus").join(name);
    fs::create_dir_all(&pool_folder).unwrap();
    let mut runner = Runner {
        target: target(name, scratch.path()),
        began,
        current: std::env::temp_dir().join(format!("current-{name}")),
        findings: orders.folder.join("findings"),
        name: name.clone(),
        known: HashMap::new(),
    };
    let mut random = Rng::with_seed(orders.seed);
    let mut coverage = Coverage::default();
    let mut pool = runner.target.seeds();
    pool.extend(stored(&stored_folder(name)));
    pool.extend(stored(&pool_folder));
    let mut told = 0u64;
    for case in pool.clone() {
        runner.attack(&case);
        coverage.has_grown();
        told += 1;
    }
    let mut next_word = began.elapsed() + Duration::from_secs(1);
    let mut batch = Vec::new();
    while began.elapsed() < orders.time {
        batch.clear();
        for _ in 0..BATCH {
            let mut case = runner.target.mutate(&pool[random.usize(..pool.len())], &mut random);
            case.truncate(MAX_CASE_BYTES);
            if runner.attack(&case) {
                batch.push(case);
            }
        }
        told += BATCH as u64;
        if coverage.is_growing() {
            for case in batch.drain(..) {
                fs::write(&runner.current, &case).unwrap();
                if runner.try_case(&case).is_none() && coverage.has_grown() && pool.len() < MAX_POOL {
                    fs::write(pool_folder.join(format!("{}-{}", orders.seed, pool.len())), &case).unwrap();
                    pool.push(case);
                }
            }
            // What no case of them reaches alone is known now too.
            coverage.has_grown();
        }
        if began.elapsed() >= next_word {
            // Should a case end the process, those before it are not forgotten.
            println!("SO FAR {told}");
            (told, next_word) = (0, next_word + Duration::from_secs(1));
        }
    }
    let caught = CAUGHT.lock().unwrap().take().unwrap_or_default();
    for place in &caught {
        println!("CAUGHT {name} {place}");
    }
    println!("DONE {name} {told} {:.0} {} {}", began.elapsed().as_secs_f64(), pool.len(), coverage.count());
    let _ = std::panic::take_hook();
}
