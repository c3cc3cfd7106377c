//! ONNX Runtime's execution providers: which there are, and which one is asked for.

use serde::{Deserialize, Serialize};

/// What runs a model's graphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// ONNX Runtime's own operators on one core.
    Cpu,
    /// An NVIDIA card.
    Cuda,
    /// Any card under DirectX 12 on Windows.
    DirectMl,
    /// Apple's accelerators.
    CoreMl,
}

impl Provider {
    /// All that this project knows.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Cuda, Self::DirectMl, Self::CoreMl];

    /// As projects and the program write it; Cargo's feature has the same name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::DirectMl => "directml",
            Self::CoreMl => "coreml",
        }
    }

    /// As its makers write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Cuda => "CUDA",
            Self::DirectMl => "DirectML",
            Self::CoreMl => "CoreML",
        }
    }

    /// Whether this build of Timbreloom can ask for it.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::Cpu => true,
            Self::Cuda => cfg!(feature = "cuda"),
            Self::DirectMl => cfg!(feature = "directml"),
            Self::CoreMl => cfg!(feature = "coreml"),
        }
    }
}

/// What the musician asks for. Saved with the project as a word; a word that this version does not know is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ProviderChoice {
    /// The quickest one.
    #[default]
    Auto,
    /// This one, as long as it is there and no slower than the CPU.
    Only(Provider),
    /// A word from another version.
    Unknown(String),
}

impl ProviderChoice {
    /// The CPU and nothing else.
    pub const CPU: Self = Self::Only(Provider::Cpu);

    /// What this build offers, in the order of a menu.
    pub fn offered() -> Vec<Self> {
        let built_in = Provider::ALL.into_iter().filter(|provider| provider.is_built_in()).map(Self::Only);
        std::iter::once(Self::Auto).chain(built_in).collect()
    }

    /// As a menu shows it.
    pub fn name(&self) -> &str {
        match self {
            Self::Auto => "Auto",
            Self::Only(provider) => provider.name(),
            Self::Unknown(word) => word,
        }
    }
}

impl From<String> for ProviderChoice {
    fn from(word: String) -> Self {
        if word == "auto" {
            return Self::Auto;
        }
        let known = Provider::ALL.into_iter().find(|provider| provider.id() == word);
        known.map_or(Self::Unknown(word), Self::Only)
    }
}

impl From<ProviderChoice> for String {
    fn from(choice: ProviderChoice) -> Self {
        match choice {
            ProviderChoice::Auto => "auto".into(),
            ProviderChoice::Only(provider) => provider.id().into(),
            ProviderChoice::Unknown(word) => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_saved_as_a_word_and_an_unknown_word_is_kept() {
        for (choice, word) in [
            (ProviderChoice::Auto, "\"auto\""),
            (ProviderChoice::CPU, "\"cpu\""),
            (ProviderChoice::Only(Provider::DirectMl), "\"directml\""),
            (ProviderChoice::Unknown("quantum".into()), "\"quantum\""),
        ] {
            assert_eq!(serde_json::to_string(&choice).expect("a word"), word);
            assert_eq!(serde_json::from_str::<ProviderChoice>(word).expect("a word"), choice);
        }
        assert_eq!(ProviderChoice::offered()[..2], [ProviderChoice::Auto, ProviderChoice::CPU]);
    }
}
