//! The program played by OSC, as Max and Pure Data play it: a process of its own, packets to it and from it.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "common/program.rs"]
mod program;

use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use common::rig::{Echo, Rig, always_play, format, sound};
use program::{fail, program};
use rosc::{OscMessage, OscPacket, OscType};
use timbreloom::controls::{Controls, MAX_DIMS};
use timbreloom::model::request::ModelRequest;
use timbreloom::rt::EffectSettings;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(30);

/// The program while it plays the sung line, and somebody who plays it.
struct Played {
    child: Child,
    stderr: BufReader<ChildStderr>,
    player: UdpSocket,
}

impl Played {
    /// Comes back when it listens.
    fn new(arguments: &[&str]) -> Self {
        let sung = format!("{}/tests/fixtures/sung.wav", env!("CARGO_MANIFEST_DIR"));
        let mut command = program();
        command.args(["osc", "--input", &sung, "--port", "0", "--send-port", "0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let port = line.trim().trim_end_matches('.').rsplit_once("127.0.0.1:").unwrap_or_else(|| panic!("{line}")).1;
        let player = UdpSocket::bind("127.0.0.1:0").unwrap();
        player.connect(format!("127.0.0.1:{port}")).unwrap();
        player.set_read_timeout(Some(LIMIT)).unwrap();
        Self { child, stderr, player }
    }

    fn say(&self, address: &str, args: Vec<OscType>) {
        let message = OscPacket::Message(OscMessage { addr: address.into(), args });
        self.player.send(&rosc::encoder::encode(&message).unwrap()).unwrap();
    }

    /// The next answer to an address for which this is so.
    #[track_caller]
    fn hear(&self, address: &str, is_so: impl Fn(&[OscType]) -> bool) -> Vec<OscType> {
        let (began, mut buffer) = (Instant::now(), [0; 4096]);
        while began.elapsed() < LIMIT {
            let bytes = self.player.recv(&mut buffer).unwrap();
            let (_, packet) = rosc::decoder::decode_udp(&buffer[..bytes]).unwrap();
            let OscPacket::Message(message) = packet else { panic!("{packet:?}") };
            if message.addr == address && is_so(&message.args) {
                return message.args;
            }
        }
        panic!("{address} is never so");
    }

    /// What it says at its end.
    #[track_caller]
    fn end(mut self) -> String {
        let (mut said, mut complained) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        self.stderr.read_to_string(&mut complained).unwrap();
        assert!(self.child.wait().unwrap().success(), "{complained}");
        said
    }
}

fn floats(values: &[f32]) -> Vec<OscType> {
    values.iter().copied().map(OscType::Float).collect()
}

fn seconds(wav: &Path) -> f64 {
    let reader = hound::WavReader::open(wav).unwrap();
    f64::from(reader.duration()) / f64::from(reader.spec().sample_rate)
}

#[test]
fn a_patch_moves_the_plane_puts_a_latent_and_hears_what_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("out.wav");
    let played = Played::new(&["--set", "stability=0", "--seconds", "5", "-o", wav.to_str().unwrap(), "--json"]);
    played.say("/timbreloom/ping", vec![]);
    assert_eq!(played.hear("/timbreloom/pong", |_| true), [OscType::String(env!("CARGO_PKG_VERSION").into())]);
    played.say("/timbreloom/plane", floats(&[0.25, 0.75]));
    played.hear("/timbreloom/place", |place| place == floats(&[0.25, 0.75]));
    let dims = played.hear("/timbreloom/played", |_| true).len();
    assert_eq!(played.hear("/timbreloom/raw", |_| true).len(), dims);
    // To the bit: nothing else acts on it.
    let latent: Vec<f32> = (0..dims).map(|n| n as f32 * 0.3 - 1.0).collect();
    played.say("/timbreloom/latent", floats(&latent));
    played.hear("/timbreloom/played", |heard| heard == floats(&latent));
    played.say("/timbreloom/param", vec![OscType::String("bias_1".into()), OscType::Int(1)]);
    played.hear("/timbreloom/played", |heard| heard[0] == OscType::Float(0.0) && heard[1..] == floats(&latent)[1..]);
    played.say("/timbreloom/latent", vec![]);
    played.hear("/timbreloom/raw", |heard| heard != floats(&latent));
    played.say("/timbreloom/plane", floats(&[2.0]));
    let said = played.hear("/timbreloom/error", |_| true);
    assert!(matches!(&said[..], [OscType::String(text)] if text.contains("takes two numbers")), "{said:?}");
    let told: serde_json::Value = serde_json::from_str(&played.end()).unwrap();
    assert_eq!(
        (told["taken"].as_u64(), told["refused"].as_u64(), told["flooded"].as_u64()),
        (Some(5), Some(1), Some(0))
    );
    assert!((seconds(&wav) - 5.0).abs() < 0.001, "{} s", seconds(&wav));
    let peak = hound::WavReader::open(&wav).unwrap().samples::<i32>().map(|s| s.unwrap().abs()).max().unwrap();
    assert!(peak > 1 << 16, "it is silent: {peak}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_what_was_heard_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("out.wav");
    let played = Played::new(&["-o", wav.to_str().unwrap()]);
    played.say("/timbreloom/ping", vec![]);
    played.hear("/timbreloom/played", |_| true);
    // SAFETY: it is our own child, which has not been waited for.
    assert_eq!(unsafe { libc::kill(played.child.id() as libc::pid_t, libc::SIGINT) }, 0);
    let said = played.end();
    assert!(said.contains("cello: ") && said.contains("1 messages taken, 0 refused"), "{said}");
    assert!(seconds(&wav) > 0.02, "{} s", seconds(&wav));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no hidden file stays behind");
}

#[test]
fn a_latent_that_is_said_takes_the_encoders_place_in_the_first_model_alone() {
    let input = sound(20_000, 44_100.0);
    let played = |latent, blend| {
        let second = Some(ModelRequest::named("second"));
        let mut rig =
            Rig::with(format(44_100.0, 512), Box::new(|_| Ok(Box::new(Echo::new(always_play())))), second).bouncing();
        let controls = Controls { stability: 0.0, latent, blend, ..Controls::default() };
        rig.bounce(&input, &[], |_| EffectSettings { controls, ..EffectSettings::default() })
    };
    let mut latent = [0.5; MAX_DIMS];
    latent[0] = 1.0;
    let plain = played(None, 0.0);
    // The model plays 1 + latent 1 times as loud.
    assert!(played(Some(latent), 0.0) == plain.iter().map(|sample| 2.0 * sample).collect::<Vec<_>>());
    assert!(played(Some([f32::NAN; MAX_DIMS]), 0.0) == plain, "what is no number is not heard");
    assert!(played(Some(latent), 1.0) == played(None, 1.0), "the second model's own encoder");
}

#[test]
fn what_cannot_be_served_is_told_before_anything_plays() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, words) in [
        (&["osc", "--port", &port][..], "is in use, by another instance of Timbreloom or another program"),
        (&["osc", "--port", "9001"], "answers would go to port 9001, where it listens itself. Choose another port"),
        (&["osc", "--address", "203.0.113.7", "--port", "0"], "203.0.113.7 is no address of this computer"),
        (&["osc", "--address", "home"], "invalid"),
        (&["osc", "--seconds=-1"], "should be a number of seconds"),
        (&["osc", "--set", "mix=200"], "“mix” should be"),
        (&["osc", "--paths", "a", "b", "c", "d", "e", "f", "g", "h", "i"], "up to 8 files, and 9 were named"),
    ] {
        let said = fail(arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}
