//! What another program sends: packets of OSC.

use fastrand::Rng;
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType};
use timbreloom::instance;
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::osc::{MAX_MESSAGES, OscAsk, OscNames, asks, messages};

use super::Target;
use crate::mutate;

/// A packet, read to what it asks for.
pub struct Osc {
    names: OscNames,
    targets: usize,
}

impl Osc {
    pub fn new() -> Self {
        let params = EffectParams::default();
        let targets = params.kept.midi_map.targets();
        Self { names: OscNames::new(instance::table(), targets), targets: targets.len() }
    }
}

fn message(address: &str, args: Vec<OscType>) -> OscPacket {
    OscPacket::Message(OscMessage { addr: format!("/timbreloom/{address}"), args })
}

impl Target for Osc {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let text = |text: &str| OscType::String(text.into());
        let numbers = |count: i32| (0..count).map(|n| OscType::Float(0.25 * n as f32)).collect::<Vec<_>>();
        let mut packets = vec![
            message("param", vec![text("mix"), OscType::Float(30.0)]),
            message("param", vec![text("freeze"), OscType::Bool(true)]),
            message("param", vec![text("feedback_sync"), text("1/8")]),
            message("share", vec![text("amount"), OscType::Double(0.5)]),
            message("release", vec![]),
            message("release", vec![text("mix")]),
            message("plane", numbers(2)),
            message("position", vec![OscType::Int(1)]),
            message("latent", numbers(8)),
            message("latent", vec![]),
            message("ping", vec![]),
            message("played", numbers(8)),
        ];
        let bundle = |content| OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: 0, fractional: 1 }, content });
        packets.push(bundle(vec![packets[0].clone(), bundle(packets.clone()), bundle(vec![bundle(vec![])])]));
        packets.iter().map(|packet| rosc::encoder::encode(packet).unwrap()).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        let found = match messages(case) {
            Ok(found) => found,
            Err(refusal) => {
                let said = refusal.to_string();
                assert!(said.contains("packet") && said.ends_with('.') && said.len() < 400, "{said}");
                return;
            }
        };
        assert!(found.len() <= MAX_MESSAGES, "{} messages", found.len());
        for message in &found {
            let is_answer = ["played", "raw", "place", "pong", "error"]
                .iter()
                .any(|answer| message.addr == format!("/timbreloom/{answer}"));
            match asks(message, &self.names) {
                Ok(asked) => {
                    assert!(!is_answer, "{message:?} is heard");
                    for ask in asked {
                        let is_sane = match ask {
                            OscAsk::Hold { target, share } => target < self.targets && (0.0..=1.0).contains(&share),
                            OscAsk::Release(target) => target.is_none_or(|target| target < self.targets),
                            OscAsk::Latent(latent) => latent.iter().flatten().all(|value| value.abs() <= 1000.0),
                            OscAsk::Ping => true,
                        };
                        assert!(is_sane, "{message:?} asks for {ask:?}");
                    }
                }
                Err(refusal) => {
                    let said = refusal.to_string();
                    assert!(said.starts_with("“/") && said.ends_with('.') && said.len() < 2000, "{said}");
                    assert!(!said.contains(char::is_control), "{said:?}");
                }
            }
        }
    }

    /// Bytes, now and then with a length or a tag that means something.
    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        const PARTS: [&[u8]; 14] = [
            b"#bundle\0\0\0\0\0\0\0\0\x01",
            b"\0\0\0\x10",
            b"\0\0\0\0",
            b"\xff\xff\xff\xff",
            b",ffffffffffffffff\0\0\0",
            b",s[[[[]]]]\0",
            b",TFNI\0\0\0",
            b",b\0\0\x7f\xff\xff\xff",
            b"\x7f\xc0\0\0",
            b"\x7f\x80\0\0",
            b"/timbreloom/latent\0\0",
            b"/timbreloom/plane\0\0\0",
            b"mix\0",
            b"latency\0",
        ];
        if random.bool() {
            return mutate::bytes(case, random);
        }
        let mut case = case.to_vec();
        // Where a word of a packet begins.
        let at = random.usize(..=case.len() / 4) * 4;
        let part = PARTS[random.usize(..PARTS.len())];
        let end = if random.bool() { (at + part.len()).min(case.len()) } else { at };
        case.splice(at..end, part.iter().copied());
        case
    }
}
