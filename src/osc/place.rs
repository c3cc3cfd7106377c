//! Where OSC is listened to, and why it is not.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

/// The environment's word on the address; without it nobody outside of this computer is heard.
pub const ADDRESS: &str = "TIMBRELOOM_OSC_ADDRESS";

/// Ports below it belong to the system.
const FIRST_PORT: u16 = 1024;

/// As a project keeps them. Without an address: a project opens no door to a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Said")]
pub struct OscSettings {
    /// Whether it is listened at all.
    pub is_on: bool,
    /// Where, 1024 to 65535.
    pub port: u16,
    /// Where answers go, another one, 1024 to 65535; 0: to the port that the sender sent from.
    pub send_port: u16,
}

impl Default for OscSettings {
    fn default() -> Self {
        Self { is_on: false, port: 9000, send_port: 9001 }
    }
}

/// The settings as they were said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    is_on: bool,
    port: u16,
    send_port: u16,
}

impl TryFrom<Said> for OscSettings {
    type Error = String;

    fn try_from(said: Said) -> Result<Self, String> {
        let wrong =
            |key: &str, port: u16| Err(format!("“{key}” should be {FIRST_PORT} to {}, but is {port}", u16::MAX));
        match said {
            Said { port, .. } if port < FIRST_PORT => wrong("port", port),
            Said { send_port: port @ 1..FIRST_PORT, .. } => wrong("send_port", port),
            Said { is_on, port, send_port } => Ok(Self { is_on, port, send_port }),
        }
    }
}

/// Why it is not listened: a whole sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum OscError {
    #[error(
        "OSC is not heard: {ADDRESS} should be an IP address such as 127.0.0.1, but is “{found}”. Change it, or unset it."
    )]
    NoAddress { found: String },
    #[error(
        "OSC is not heard: answers would go to port {port}, where it listens itself. Choose another port for them, or 0: the sender's."
    )]
    SamePort { port: u16 },
    #[error(
        "OSC is not heard: port {port} is in use, by another instance of Timbreloom or another program. Choose another port."
    )]
    InUse { port: u16 },
    #[error(
        "OSC is not heard: the system does not let this program listen on port {port}. Choose one from {FIRST_PORT} on."
    )]
    Forbidden { port: u16 },
    #[error("OSC is not heard: {address} is no address of this computer. Choose 127.0.0.1, or one that it has.")]
    Elsewhere { address: IpAddr },
    #[error(
        "OSC is not heard: the system refused port {port} ({reason}). Choose another port, or close some programs."
    )]
    Refused { port: u16, reason: String },
}

/// Where OSC is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OscPlace {
    /// Of this computer: 127.0.0.1 for its own programs alone.
    pub address: IpAddr,
    /// 0: one that is free.
    pub port: u16,
    /// Where answers go; 0: to the port that the sender sent from.
    pub send_port: u16,
}

impl OscPlace {
    /// Where a project's settings say, at the address that the environment says.
    ///
    /// # Errors
    /// When that is none.
    pub fn of(settings: OscSettings) -> Result<Self, OscError> {
        let address = address(std::env::var_os(ADDRESS).map(|text| text.to_string_lossy().into_owned()))?;
        Ok(Self { address, port: settings.port, send_port: settings.send_port })
    }

    /// # Errors
    /// When what is answered would come back.
    pub(super) fn check(&self) -> Result<(), OscError> {
        if self.port != 0 && self.port == self.send_port {
            return Err(OscError::SamePort { port: self.port });
        }
        Ok(())
    }

    pub(super) fn failed(&self, error: &io::Error) -> OscError {
        let port = self.port;
        match error.kind() {
            io::ErrorKind::AddrInUse => OscError::InUse { port },
            io::ErrorKind::PermissionDenied => OscError::Forbidden { port },
            io::ErrorKind::AddrNotAvailable => OscError::Elsewhere { address: self.address },
            _ => OscError::Refused { port, reason: error.to_string() },
        }
    }
}

fn address(said: Option<String>) -> Result<IpAddr, OscError> {
    match said {
        None => Ok(Ipv4Addr::LOCALHOST.into()),
        Some(text) => text.trim().parse().map_err(|_| OscError::NoAddress { found: text }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OscSettings, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_come_back_as_they_are_written_and_are_off_at_first() {
        for settings in [OscSettings::default(), OscSettings { is_on: true, port: 65_535, send_port: 0 }] {
            assert_eq!(read(&serde_json::to_string(&settings).unwrap()), Ok(settings));
        }
        assert!(!OscSettings::default().is_on);
    }

    #[test]
    fn odd_settings_are_refused_by_their_key() {
        for (text, words) in [
            (r#"{"is_on":true,"port":80,"send_port":9001}"#, "“port” should be 1024 to 65535, but is 80"),
            (r#"{"is_on":true,"port":9000,"send_port":1}"#, "“send_port” should be 1024 to 65535, but is 1"),
            (r#"{"is_on":true,"port":70000,"send_port":9001}"#, "70000"),
            (r#"{"is_on":1,"port":9000,"send_port":9001}"#, "invalid type"),
            (r#"{"is_on":true,"port":9000}"#, "send_port"),
            (r#"{"is_on":true,"port":9000,"send_port":9001,"address":"0.0.0.0"}"#, "unknown field `address`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_port_that_answers_to_itself_is_refused_and_two_that_are_free_are_not() {
        let place = |port, send_port| OscPlace { address: Ipv4Addr::LOCALHOST.into(), port, send_port };
        let error = place(9001, 9001).check().unwrap_err().to_string();
        assert!(
            error.contains("answers would go to port 9001, where it listens itself. Choose another port"),
            "{error}"
        );
        for (port, send_port) in [(0, 0), (9000, 0), (0, 9001), (9000, 9001)] {
            assert!(place(port, send_port).check().is_ok(), "{port}, {send_port}");
        }
    }

    #[test]
    fn nobody_outside_is_heard_unless_the_environment_says_so() {
        assert!(address(None).unwrap().is_loopback());
        assert_eq!(address(Some(" 0.0.0.0 ".into())).unwrap(), IpAddr::from([0, 0, 0, 0]));
        let error = address(Some("home".into())).unwrap_err().to_string();
        assert!(
            error.contains("TIMBRELOOM_OSC_ADDRESS should be an IP address") && error.contains("“home”"),
            "{error}"
        );
    }
}
