//! Several instances in one process, beside and after each other.

use super::*;

#[test]
fn several_instances_do_not_hear_each_other() {
    let input = sung(SOUND_FRAMES / 2);
    let biases = ["-2 sd", "0 sd", "2 sd"];
    let start = |bias: &str| {
        let mut plugin = offline();
        plugin.set_by_text("Bias 1", bias).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        plugin
    };
    let alone = biases.map(|bias| hurry(&mut start(bias), &input, &mut std::iter::empty()));
    assert!(first_difference(&alone[0][0], &alone[1][0]).is_some(), "bias is not heard");
    let mut together = biases.map(start);
    let mut outputs: [Vec<Vec<f32>>; 3] = std::array::from_fn(|_| vec![Vec::new(); 2]);
    // Turn by turn, as a host runs its tracks.
    for at in (0..input[0].len()).step_by(512) {
        let block: Vec<Vec<f32>> =
            input.iter().map(|channel| channel[at..(at + 512).min(channel.len())].to_vec()).collect();
        for (plugin, output) in together.iter_mut().zip(&mut outputs) {
            let played = hurry(plugin, &block, &mut std::iter::empty());
            output.iter_mut().zip(played).for_each(|(output, played)| output.extend(played));
        }
    }
    for (output, alone) in outputs.iter().zip(&alone) {
        assert_same(output, alone, "one of three");
    }
}

/// Resident memory of this process, MB; `None` where there is no /proc.
fn resident_mb() -> Option<f64> {
    let pages: f64 = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / 1e6)
}

/// In a process of its own with one arena of memory: other tests' memory, and the arenas that each new thread takes up, would
/// be counted as the instances'.
#[test]
fn thirty_two_instances_play_save_and_go_in_one_process() {
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "instances::thirty_two_instances_when_told_to", "--nocapture"])
        .env("MALLOC_ARENA_MAX", "1")
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "started by the test above, in a process of its own"]
fn thirty_two_instances_when_told_to() {
    let input = sung(12_000);
    let round = || {
        let mut plugins: Vec<Instance> = (0..32).map(|_| offline()).collect();
        for plugin in &mut plugins {
            activate(plugin, RATE_HZ, 512);
        }
        let sounds: Vec<_> = plugins.iter_mut().map(|plugin| hurry(plugin, &input, &mut std::iter::empty())).collect();
        for sound in &sounds {
            assert_same(sound, &sounds[0], "an instance among 32");
        }
        for plugin in &mut plugins {
            assert!(!plugin.save_state().unwrap().is_empty());
        }
        let during = resident_mb();
        drop(plugins);
        (during, resident_mb())
    };
    round();
    let (during, first) = round();
    round();
    round();
    let (_, later) = round();
    if let (Some(during), Some(first), Some(later)) = (during, first, later) {
        println!("32 instances: {during:.0} MB resident, {first:.0} MB after them, {later:.0} MB three rounds later");
        assert!(later < first + 8.0, "{first:.0} MB after the second round, {later:.0} MB after the fifth");
    }
}

#[test]
fn the_library_can_be_loaded_and_unloaded_three_times() {
    // In a process of its own: here the other tests hold the library.
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "instances::load_and_unload"])
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}

#[test]
#[ignore = "run by the_library_can_be_loaded_and_unloaded_three_times"]
fn load_and_unload() {
    let mut sounds = Vec::new();
    for _ in 0..3 {
        let (_, sound) = bounce(512, &sung(24_000), &mut std::iter::empty(), &[]);
        sounds.push(sound);
    }
    assert_same(&sounds[1], &sounds[0], "the second time");
    assert_same(&sounds[2], &sounds[0], "the third time");
}
