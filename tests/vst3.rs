//! The VST3 as a host sees it, call by call: what the framework gets wrong and `plugin::vst3_entry` puts right.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "vst3/host.rs"]
mod host;

use std::time::{Duration, Instant};

use host::{CODES, DRUMS, EFFECT, FRAMES, Instance, OFFLINE, REALTIME, text};
use nih_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IAudioProcessorTrait, IComponentTrait, IEditControllerTrait, IMidiMappingTrait, IUnitInfoTrait, ParameterInfo,
    ProcessData, UnitInfo,
};
use nih_plug::wrapper::vst3::vst3::Steinberg::{kInvalidArgument, kResultFalse, kResultOk};

#[test]
fn a_value_set_between_two_blocks_is_in_the_saved_state() {
    let plugin = Instance::new(EFFECT);
    plugin.start();
    let (mix, channels) = (plugin.param("Mix"), plugin.param("Channels"));
    let before = plugin.save_bytes();
    plugin.play(0.0, &[]);
    plugin.set(mix, 0.33);
    plugin.set(channels, 1.0);
    let shown = plugin.get(mix);
    assert!((shown - 0.33).abs() < 1e-6, "{shown}");
    let saved = plugin.save();
    let held = saved["params"]["mix"]["f32"].as_f64().unwrap();
    assert!((held - 0.33).abs() < 1e-6, "{held}");
    // The block brings it: the same state, now the framework's own.
    plugin.play(0.0, &[(mix, 0.33), (channels, 1.0)]);
    assert_eq!(plugin.save(), saved);
    // A state that is loaded overrules what was set before it.
    plugin.set(mix, 0.66);
    plugin.load(&before);
    assert_eq!(plugin.save(), serde_json::from_slice::<serde_json::Value>(&before).unwrap());
}

#[test]
fn one_value_that_cannot_be_read_takes_nothing_else_of_a_state_with_it() {
    let plugin = Instance::new(EFFECT);
    let mut state = plugin.save();
    state["params"]["mix"] = serde_json::Value::Null;
    state["params"]["output_gain"] = serde_json::json!({"quantum": 1});
    state["params"]["stability"] = serde_json::json!({"f32": 0.125});
    plugin.load(&serde_json::to_vec(&state).unwrap());
    let loaded = plugin.save();
    assert_eq!(loaded["params"]["stability"]["f32"].as_f64(), Some(0.125));
    assert_eq!(loaded["params"]["mix"]["f32"].as_f64(), Some(1.0));
    assert_eq!(loaded["params"]["output_gain"]["f32"].as_f64(), Some(1.0));
}

#[test]
fn a_mode_counts_from_the_set_up_that_brings_it() {
    use std::sync::atomic::Ordering;

    let plugin = Instance::new(EFFECT);
    let (restarts, latency) = (plugin.listen(), plugin.param("Latency"));
    // A render asks for no restart, and what plays does: as soon as another latency is chosen, from a thread of the framework.
    for (mode, choice) in [(0, 0.0), (2, 1.0), (0, 0.5), (2, 0.0), (2, 1.0), (0, 0.0)] {
        plugin.start_in(mode);
        std::thread::sleep(Duration::from_millis(300));
        let before = restarts.load(Ordering::SeqCst);
        plugin.play(0.1, &[(latency, choice)]);
        plugin.play(0.1, &[]);
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(restarts.load(Ordering::SeqCst) > before, mode == 0, "mode {mode}, latency {choice}");
        plugin.stop();
    }
}

#[test]
fn a_host_that_stops_and_starts_around_each_block_hears_the_sound_and_one_that_renders_is_reset() {
    // Dry sound comes out as late as the latency, which no block is as long as.
    for (mode, is_heard) in [(0, true), (2, false)] {
        let plugin = Instance::new(EFFECT);
        plugin.start_in(mode);
        let mix = plugin.param("Mix");
        let loudest = (0..100).fold(0.0f32, |loudest, _| {
            let (sound, _) = plugin.play(0.5, &[(mix, 0.0)]);
            // SAFETY: any thread, as VST3 says.
            unsafe {
                assert_eq!(plugin.processor.setProcessing(0), kResultOk);
                assert_eq!(plugin.processor.setProcessing(1), kResultOk);
            }
            sound.iter().fold(loudest, |loudest, sample| sample.abs().max(loudest))
        });
        assert_eq!(loudest > 0.4, is_heard, "{loudest}");
    }
}

#[test]
fn of_16384_changes_in_one_block_none_is_lost() {
    /// As many as the plugins ask the framework to have room for.
    const ROOM: usize = 16_384;
    for class in [EFFECT, CODES, DRUMS] {
        let plugin = Instance::new(class);
        plugin.start();
        let params = plugin.params();
        let changes: Vec<_> = (0..ROOM).map(|n| (params[n % params.len()].0, (n / params.len() % 2) as f64)).collect();
        plugin.play(0.0, &changes);
        for (id, name) in params.iter().filter(|(_, name)| !name.starts_with("MIDI CC ")) {
            let last = changes.iter().rfind(|(changed, _)| changed == id).unwrap().1;
            assert_eq!(plugin.get(*id), last, "{name}");
        }
    }
}

#[test]
fn what_is_told_to_the_controller_alone_is_not_heard() {
    let plugin = Instance::new(EFFECT);
    plugin.start();
    let mix = plugin.param("Mix");
    plugin.set(mix, 0.0);
    for _ in 0..4 {
        plugin.play(0.0, &[]);
    }
    // The host never brought it to the processor: what plays is what is saved.
    assert_eq!(plugin.save()["params"]["mix"]["f32"].as_f64(), Some(1.0));
}

#[test]
fn a_block_of_zeros_is_marked_as_silence_and_no_other() {
    let plugin = Instance::new(EFFECT);
    plugin.start();
    let bypass = plugin.param("Bypass");
    assert_eq!(plugin.play(0.0, &[(bypass, 1.0)]).1, 0b11);
    let mut has_sounded = false;
    for _ in 0..200 {
        let (sound, flags) = plugin.play(0.5, &[]);
        let is_silent = sound.iter().all(|&sample| sample == 0.0);
        assert_eq!(flags, if is_silent { 0b11 } else { 0 });
        has_sounded |= !is_silent;
    }
    assert!(has_sounded);
}

#[test]
fn a_render_that_is_announced_with_its_blocks_alone_is_waited_for() {
    const PLAYED: usize = 40;
    let every = Duration::from_secs_f64(FRAMES as f64 / 48e3);
    // As a host that plays, so that the plugin is sure of it; held up, it then asks for all that it owes at once.
    let render = |set_up: i32, said: i32| {
        let plugin = Instance::new(EFFECT);
        plugin.start_in(set_up);
        let began = Instant::now();
        let blocks = (0..PLAYED + 200).map(|block| {
            let hiccup = if block >= PLAYED { 220 * every } else { Duration::ZERO };
            let due = began + hiccup + every * block.min(PLAYED) as u32;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            plugin.play_in(said, 0.3 * ((block % 7) as f32 - 3.0), &[]).0
        });
        blocks.flatten().collect::<Vec<_>>()
    };
    let expected = render(OFFLINE, REALTIME);
    assert!(expected[expected.len() / 2..].iter().any(|sample| sample.abs() > 0.01), "there is something to compare");
    let said = render(REALTIME, OFFLINE);
    assert_eq!(said.iter().zip(&expected).position(|(a, b)| a.to_bits() != b.to_bits()), None);
}

#[test]
fn hosts_are_told_of_the_controllers_that_codes_hears_by_the_name_that_they_leave_out() {
    let plugin = Instance::new(CODES);
    let params = plugin.params();
    let controllers: Vec<_> = params.iter().filter(|(_, name)| name.starts_with("MIDI CC ")).collect();
    assert_eq!(controllers.len(), 16 * 12);
    assert!(params.iter().all(|(_, name)| name.starts_with("MIDI") == name.starts_with("MIDI CC ")));
    assert!(params.len() < 400, "{}", params.len());
    for (channel, controller, expected) in [(0, 1, kResultOk), (15, 129, kResultOk), (0, 7, kResultFalse)] {
        let mut id = 0;
        // SAFETY: the place is ours.
        let answer = unsafe { plugin.mapping.getMidiControllerAssignment(0, channel, controller, &mut id) };
        assert_eq!(answer, expected);
        let name = format!("MIDI CC {channel}|{controller}");
        assert_eq!(controllers.iter().any(|(other, listed)| *other == id && *listed == name), answer == kResultOk);
    }
    let effect = Instance::new(EFFECT);
    assert!(effect.params().iter().all(|(_, name)| !name.starts_with("MIDI")));
    let drums = Instance::new(DRUMS).params();
    assert_eq!(drums.iter().filter(|(_, name)| name.starts_with("MIDI CC ")).count(), 16 * 12, "to be learnt");
}

#[test]
fn the_effect_has_no_event_bus_for_which_ardour_would_give_it_more_channels_than_it_has() {
    const EVENT: i32 = 1;
    for (class, buses) in [(EFFECT, 0), (CODES, 1), (DRUMS, 1)] {
        let plugin = Instance::new(class);
        // SAFETY: takes any numbers.
        let (into, out) = unsafe { (plugin.component.getBusCount(EVENT, 0), plugin.component.getBusCount(EVENT, 1)) };
        assert_eq!((into, out), (buses, 0));
    }
}

#[test]
fn indices_that_there_are_not_are_refused() {
    for class in [EFFECT, CODES, DRUMS] {
        let plugin = Instance::new(class);
        // SAFETY: the place is ours, and a call without a set-up is what is tried.
        unsafe {
            let mut info: ParameterInfo = std::mem::zeroed();
            let count = plugin.controller.getParameterCount();
            for index in [count, count + 1, -1, i32::MAX, i32::MIN] {
                assert_eq!(plugin.controller.getParameterInfo(index, &mut info), kInvalidArgument);
            }
            let mut data: ProcessData = std::mem::zeroed();
            assert_ne!(plugin.processor.process(&mut data), kResultOk);
        }
    }
}

#[test]
fn the_bundle_describes_the_classes_as_the_library_does() {
    let text = std::fs::read_to_string("src/plugin/vst3_entry/moduleinfo.json").unwrap();
    let module: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(module["Version"], env!("CARGO_PKG_VERSION"));
    let listed = module["Classes"].as_array().unwrap();
    let classes = host::classes();
    assert_eq!(listed.len(), classes.len());
    for (listed, class) in listed.iter().zip(&classes) {
        let id: String = class.cid.iter().map(|byte| format!("{:02X}", *byte as u8)).collect();
        // Windows has the first eight bytes in another order; the text is the same on all systems.
        assert!(cfg!(windows) || listed["CID"] == id.as_str());
        let subs: Vec<&str> =
            listed["Sub Categories"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        for (said, is) in [
            (listed["Name"].as_str().unwrap(), &class.name[..]),
            (listed["Category"].as_str().unwrap(), &class.category[..]),
            (listed["Vendor"].as_str().unwrap(), &class.vendor[..]),
            (listed["Version"].as_str().unwrap(), &class.version[..]),
            (listed["SDKVersion"].as_str().unwrap(), &class.sdkVersion[..]),
            (&subs.join("|"), &class.subCategories[..]),
        ] {
            let is: Vec<u8> = is.iter().map(|&byte| byte as u8).take_while(|&byte| byte != 0).collect();
            assert_eq!(said.as_bytes(), is);
        }
        assert_eq!(listed["Class Flags"], class.classFlags);
        assert_eq!(listed["Cardinality"], class.cardinality);
    }
}

#[test]
fn units_are_listed_as_people_count() {
    let plugin = Instance::new(EFFECT);
    let mut names = Vec::new();
    let mut ids = Vec::new();
    // SAFETY: the places are ours.
    unsafe {
        for index in 0..plugin.units.getUnitCount() {
            let mut info: UnitInfo = std::mem::zeroed();
            assert_eq!(plugin.units.getUnitInfo(index, &mut info), kResultOk);
            assert!(info.parentUnitId == 0 || ids.contains(&info.parentUnitId));
            ids.push(info.id);
            names.push(text(&info.name));
        }
    }
    let latents: Vec<&String> = names.iter().filter(|name| name.starts_with("Latent ")).collect();
    let expected: Vec<String> = (1..=latents.len()).map(|number| format!("Latent {number}")).collect();
    assert_eq!(latents, expected.iter().collect::<Vec<_>>(), "{names:?}");
    assert!(latents.len() >= 10);
}

/// Without the fence the background thread meets a task whose instance has gone, and ends; the last instance then aborts.
#[cfg(target_os = "linux")]
#[test]
fn eight_instances_are_let_go_while_their_tasks_wait_for_a_starved_thread() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let plugins: Vec<Instance> = (0..8).map(|_| Instance::new(EFFECT)).collect();
    plugins.iter().for_each(Instance::start);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        starve_background_threads();
        let cores = std::thread::available_parallelism().unwrap().get();
        for _ in 0..2 * cores {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        // Another thread than the one that made them: so that what it has to tell goes to the background.
        let audio = scope.spawn(move || {
            for (round, plugin) in plugins.iter().cycle().take(8 * 32).enumerate() {
                plugin.play(0.0, &[(plugin.param("Mix"), (round % 100) as f64 / 100.0)]);
            }
            plugins
        });
        let mut plugins = audio.join().unwrap();
        let last = plugins.pop();
        drop(plugins);
        is_over.store(true, Ordering::Relaxed);
        // The thread comes to what was left for it while one instance is still there, and then that one goes.
        std::thread::sleep(std::time::Duration::from_millis(500));
        drop(last);
    });
    // The thread is still there for those that come.
    let last = Instance::new(EFFECT);
    last.start();
    last.play(0.0, &[]);
}

/// Lets the framework's threads run only when nothing else wants to.
#[cfg(target_os = "linux")]
fn starve_background_threads() {
    let mut starved = 0;
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap();
        if std::fs::read_to_string(task.path().join("comm")).unwrap_or_default().trim() == "bg-worker" {
            let id: i32 = task.file_name().to_str().unwrap().parse().unwrap();
            // SAFETY: all-zero parameters are those that SCHED_IDLE asks for.
            starved += unsafe {
                let param: libc::sched_param = std::mem::zeroed();
                i32::from(libc::sched_setscheduler(id, libc::SCHED_IDLE, &param) == 0)
            };
        }
    }
    assert!(starved > 0, "the framework's thread has another name now");
}
