//! Instances of one package share its sessions: the same sound to the bit, 32 of them in little memory, none left.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::path::PathBuf;

use timbreloom::controls::MAX_DIMS;
use timbreloom::model::package::Package;
use timbreloom::model::session::ContinuousModel;
use timbreloom::model::{DecoderInput, Model, pool};

const HOPS: usize = 12;

fn models() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models")
}

fn cello() -> Package {
    Package::open(&models().join("cello")).unwrap()
}

fn cores() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

/// Both lanes through both graphs with sound of their own; -> all that came out, as bits.
fn play(model: &mut dyn Model, seed: usize) -> Vec<u32> {
    let shape = model.shape().clone();
    let (mut latent, mut audio) = ([0.0; MAX_DIMS], vec![0.0; shape.hop_frames]);
    let mut noise = vec![0.0; shape.noise_columns];
    let mut source = timbreloom::dsp::noise::Noise::new(seed as u64);
    let mut bits = Vec::new();
    for hop in 0..HOPS {
        for lane in 0..2 {
            let step = 0.01 * (1 + seed % 7 + lane) as f32;
            let sound: Vec<f32> =
                (0..shape.hop_frames).map(|n| ((hop * shape.hop_frames + n) as f32 * step).sin() * 0.3).collect();
            source.fill(&mut noise);
            let loudness_db = model.encode(lane, &sound, &mut latent[..shape.dims]).unwrap();
            model.hear_voicing(lane, &sound, 0.9, &mut latent[..shape.dims]).unwrap();
            let input = DecoderInput {
                latent: &latent[..shape.dims],
                loudness_db,
                f0_hz: 110.0 * (1 + lane) as f32,
                voicing: 1.0,
                noise: &noise,
                sound: &sound,
            };
            model.decode(lane, &input, &mut audio).unwrap();
            bits.push(loudness_db.to_bits());
            bits.extend(latent.iter().chain(&audio).map(|value| value.to_bits()));
        }
    }
    bits
}

#[test]
fn instances_that_play_at_once_sound_as_each_does_alone() {
    let package = cello();
    let alone: Vec<Vec<u32>> =
        (0..8).map(|seed| play(&mut ContinuousModel::load_apart(&package).unwrap(), seed)).collect();
    assert!(alone[0] != alone[1], "seeds make a difference");
    let mut together: Vec<ContinuousModel> = (0..8).map(|_| ContinuousModel::load(&package).unwrap()).collect();
    assert!(pool::shared(&package.hash).sessions <= cores());
    for _ in 0..2 {
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                together.iter_mut().enumerate().map(|(seed, model)| scope.spawn(move || play(model, seed))).collect();
            for (seed, thread) in threads.into_iter().enumerate() {
                assert!(thread.join().unwrap() == alone[seed], "instance {seed} sounds different among others");
            }
        });
        // A second time from the start: a reset forgets all of the first.
        together.iter_mut().for_each(Model::reset);
    }
}

#[test]
fn a_call_that_fails_leaves_the_state_as_it_was() {
    let package = cello();
    let expected = play(&mut ContinuousModel::load_apart(&package).unwrap(), 3);
    let mut model = ContinuousModel::load_apart(&package).unwrap();
    let mut latent = [0.0; MAX_DIMS];
    let dims = package.shape.dims;
    model.encode(0, &[0.5; 7], &mut latent[..dims]).unwrap_err();
    model.encode(1, &[0.5; 7], &mut latent[..dims]).unwrap_err();
    assert!(play(&mut model, 3) == expected);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory {
    use std::process::Command;
    use std::time::Instant;

    use timbreloom::model::any_package::AnyPackage;
    use timbreloom::model::provider::ProviderChoice;

    use super::*;

    const INSTANCES: usize = 32;

    /// Set for the process that measures memory: nothing else runs in it.
    const MEASURES: &str = "TIMBRELOOM_TEST_MEASURES_MEMORY";

    /// Memory, MB.
    #[derive(Clone, Copy)]
    struct Memory {
        /// Allocated and not freed: exact.
        allocated: f64,
        /// What the system has given, without mapped files. Some 10 MB up or down from one round to the next: it is the
        /// allocator's choice what it gives back.
        resident: f64,
    }

    fn memory() -> Memory {
        // SAFETY: neither takes a pointer; the first returns free pages to the system, the second counts.
        let heap = unsafe {
            libc::malloc_trim(0);
            libc::mallinfo2()
        };
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: Vec<f64> = statm.split_whitespace().map(|field| field.parse().unwrap()).collect();
        Memory {
            allocated: (heap.uordblks + heap.hblkhd) as f64 / 1e6,
            // Resident less shared: a library's code comes into memory when it is first run, and is not ours.
            resident: (pages[1] - pages[2]) * 4096.0 / 1e6,
        }
    }

    /// Loads all instances, plays them and frees them; -> what is left then.
    fn round(package: &AnyPackage, before: Memory) -> Memory {
        let mut models = Vec::new();
        let (mut figures, mut times) = (Vec::new(), Vec::new());
        for _ in 0..INSTANCES {
            let began = Instant::now();
            models.push(package.load_on(&ProviderChoice::CPU).unwrap());
            times.push(1e3 * began.elapsed().as_secs_f64());
            figures.push(memory());
        }
        let sessions = cores().min(INSTANCES);
        assert_eq!(pool::shared(package.hash()), pool::Shared { instances: INSTANCES, sessions });
        let expected = play(models[0].as_mut(), 1);
        for model in &mut models[1..] {
            assert!(play(model.as_mut(), 1) == expected);
        }
        let played = memory();
        models.truncate(1);
        assert_eq!(pool::shared(package.hash()).instances, 1);
        models.clear();
        assert_eq!(pool::shared(package.hash()), pool::Shared::default());
        let after = memory();
        let of =
            |now: Memory| format!("{:.2} ({:.1})", now.allocated - before.allocated, now.resident - before.resident);
        let further = figures[INSTANCES - 1].allocated - figures[sessions - 1].allocated;
        let further = further / (INSTANCES - sessions).max(1) as f64;
        println!(
            "MB allocated (resident): first {} in {:.0} ms, all {sessions} sessions {} in {:.0} ms more each, each \
             instance beyond {further:.3} in {:.2} ms, all {}, after playing {}, left {}",
            of(figures[0]),
            times[0],
            of(figures[sessions - 1]),
            times[sessions - 1],
            times[INSTANCES - 1],
            of(figures[INSTANCES - 1]),
            of(played),
            of(after),
        );
        assert!(further < 0.6, "{further} MB for each further instance");
        after
    }

    /// Does nothing as a test of its own: the next one starts it as a process.
    #[test]
    fn measures_memory_when_told_to() {
        let Ok(name) = std::env::var(MEASURES) else { return };
        let package = AnyPackage::open(&models().join(name)).unwrap();
        // What ONNX Runtime keeps for the life of the process, it takes in the first round.
        let first = round(&package, memory());
        let last = (0..4).fold(first, |before, _| round(&package, before));
        println!("measured");
        // One instance that stays costs 0.26 MB in each round, a session 3 MB or more.
        let left = last.allocated - first.allocated;
        assert!(left < 0.5, "{left} MB are left after four rounds");
        let left = last.resident - first.resident;
        assert!(left < 20.0, "{left} MB are left to the system after four rounds");
    }

    #[test]
    fn thirty_two_instances_share_their_weights_and_leave_nothing() {
        for name in ["cello", "cello-codes"] {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "memory::measures_memory_when_told_to", "--nocapture"])
                .env(MEASURES, name)
                .output()
                .unwrap();
            let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            println!("{name}: {said}");
            assert!(output.status.success() && said.contains("measured"), "{name}: {said}\n{complained}");
        }
    }
}
