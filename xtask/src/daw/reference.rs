//! The same song in this repository's own host, to compare a bounce with.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use test_host::{Event, Format, Library, Pace, Render, Take};

use super::script;
use super::song::{RATE_HZ, Song};
use crate::demo;
use crate::workspace::{Workspace, capture, last_words};

const BLOCK_FRAMES: usize = 512;

/// Frames of a song in which it keeps its tempo.
#[derive(Debug, PartialEq)]
struct Span {
    from: usize,
    to: usize,
    /// Beats.
    begin: f64,
    tempo_bpm: f64,
}

/// Plays what Ardour has saved of the plugin on a track without MIDI, with the song's automation, in the CLAP of a bundle. Writes
/// as many frames as the bounce has.
///
/// `session`: what was saved. `bounce`, `sound`: what Ardour has made, and what is made here.
pub(super) fn render(
    workspace: &Workspace,
    bundled: &Path,
    song: &Song,
    clap_id: &str,
    [session, bounce, sound]: [&Path; 3],
) -> Result<()> {
    let bounced = hound::WavReader::open(bounce).with_context(|| format!("cannot read {}", bounce.display()))?;
    let library = Library::load(&bundled.join("Timbreloom.clap"))?;
    let mut plugin = library.instantiate(clap_id)?;
    plugin.load_state(&state(workspace, session, song.plugin)?)?;
    let id = plugin.param(song.automated)?.id;
    let mut points = Vec::new();
    for (frame, value) in song.points() {
        points.push((frame as usize, plugin.text_to_value(id, &value.to_string())?));
    }
    plugin.set_render(Render::Offline)?;
    plugin.activate(Format { rate_hz: f64::from(RATE_HZ), min_block_frames: 1, max_block_frames: BLOCK_FRAMES })?;
    let mut channels = vec![Vec::new(); 2];
    for span in spans(song.tempi, bounced.duration() as usize) {
        let inside = points.iter().filter(|(frame, _)| (span.from..span.to).contains(frame));
        let events: Vec<Event> = inside.map(|(frame, value)| Event::value(frame - span.from, id, *value)).collect();
        let take = Take {
            alone_frames: Some(span.to - span.from),
            events: &events,
            song_s: Some(span.begin * 60.0 / span.tempo_bpm),
            tempo_bpm: Some(span.tempo_bpm),
            ..Take::default()
        };
        let played = plugin.play(&take, &mut std::iter::empty(), Pace::Hurry)?;
        channels.iter_mut().zip(played).for_each(|(channel, played)| channel.extend(played));
    }
    demo::write(sound, &channels, RATE_HZ)
}

/// As CLAP hosts keep it: its length, then what a VST3 host keeps.
fn state(workspace: &Workspace, session: &Path, plugin: &str) -> Result<Vec<u8>> {
    let output = capture(Command::new(workspace.python()).arg(script(workspace, "saved.py")).arg(session).arg(plugin))?;
    if !output.status.success() {
        bail!("cannot read {} ({})", session.display(), last_words(&output));
    }
    let json = output.stdout.trim_ascii();
    Ok([&(json.len() as u64).to_le_bytes()[..], json].concat())
}

/// A song of so many frames by its tempi: beats and beats a minute.
fn spans(tempi: &[(f64, f64)], frames: usize) -> Vec<Span> {
    let mut from = 0;
    let ends = tempi.iter().skip(1).map(|(beat, _)| Some(*beat)).chain([None]);
    let span = |((begin, tempo_bpm), end): (&(f64, f64), Option<f64>)| {
        let length = |end: f64| ((end - begin) * 60.0 / tempo_bpm * f64::from(RATE_HZ)).round() as usize;
        let to = end.map_or(frames, |end| from + length(end)).min(frames);
        let span = Span { from, to, begin: *begin, tempo_bpm: *tempo_bpm };
        from = to;
        span
    };
    tempi.iter().zip(ends).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_song_is_cut_where_its_tempo_changes() {
        let cut = |frames| {
            let spans = spans(&[(0.0, 120.0), (8.0, 90.0)], frames);
            spans.into_iter().map(|span| (span.from, span.to, span.begin, span.tempo_bpm)).collect::<Vec<_>>()
        };
        assert_eq!(cut(400_000), [(0, 176_400, 0.0, 120.0), (176_400, 400_000, 8.0, 90.0)]);
        assert_eq!(cut(1_000), [(0, 1_000, 0.0, 120.0), (1_000, 1_000, 8.0, 90.0)]);
    }
}
