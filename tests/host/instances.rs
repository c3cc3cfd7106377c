//! Several instances in one process, beside and after each other.

use super::*;

#[test]
fn several_instances_do_not_hear_each_other() {
    let input = sung(SOUND_FRAMES / 2);
    let biases = ["-2 sd", "0 sd", "2 sd"];
    let start = |bias: &str| {
        let mut plugin = offline(EFFECT);
        plugin.set_by_text("Bias 1", bias).unwrap();
        activate(&mut plugin, 512);
        plugin
    };
    let alone = biases.map(|bias| play(&mut start(bias), &input, &[]));
    assert!(first_difference(&alone[0][0], &alone[1][0]).is_some(), "bias is not heard");
    let mut together = biases.map(start);
    let mut outputs: [Vec<Vec<f32>>; 3] = std::array::from_fn(|_| vec![Vec::new(); 2]);
    // Turn by turn, as a host runs its tracks.
    for at in (0..input[0].len()).step_by(512) {
        let block: Vec<Vec<f32>> =
            input.iter().map(|channel| channel[at..(at + 512).min(channel.len())].to_vec()).collect();
        for (plugin, output) in together.iter_mut().zip(&mut outputs) {
            let played = play(plugin, &block, &[]);
            output.iter_mut().zip(played).for_each(|(output, played)| output.extend(played));
        }
    }
    for (output, alone) in outputs.iter().zip(&alone) {
        assert_same(output, alone, "one of three");
    }
}

/// In a process of its own with one arena of memory: other tests' memory, and the arenas that each new thread takes up, would
/// be counted as the instances'.
#[test]
fn thirty_two_instances_play_save_and_go_in_one_process() {
    println!("{}", helper::succeed(helper::task("thirty-two-instances").env("MALLOC_ARENA_MAX", "1")));
}

#[test]
fn the_library_can_be_loaded_and_unloaded_three_times() {
    // In a process of its own: here the other tests hold the library.
    helper::succeed(&mut helper::task("one-instance-after-the-other"));
}
