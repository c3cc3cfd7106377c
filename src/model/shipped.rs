//! The packages that ship with this version: examined by whoever built it, and not again by each musician.

/// SHA-256 of their manifests, in the order of their names. A test compares them with `models/`.
const HASHES: [&str; 16] = [
    // cello-codes
    "27d2bf023d7618faa8e939d6a259b2170f5146f36916ef4135bc4584524520c8",
    // cello-live
    "7a5bcda9257dffa9d4ebb369349c6d15a405ab19010e01e45615cfb28a82667e",
    // cello
    "f562f4ab602e3f561b9019ac9cc93d0bd80e9b4c4e8eefd636caf73987a73e78",
    // choir
    "2c9dfb7b1e8f7b1f32198d3ad71b76028e6390bf44b030c5a6270114b99a0125",
    // clarinet-codes
    "c3169a391ed453dbdf01ccff877eeae413af1302ba6d875bec1219efe8f27347",
    // drums-live
    "0048260ecddad69f2fc9735d71d26b5e199ce39fc1c4c895da529db1764c4fae",
    // drums
    "b8e4dc31de0f76a64c65a181dde23f9a60ab1f3c94c047260cf4ab48a8460020",
    // flute-codes
    "ff6ca5606ca7b6178bc0293744104a4a263132b5ac3fa499ea587f23afd8c4d6",
    // flute
    "1c1a4a81d2c0e653a41f83b2942d5bccd37adf923f315af14634e238ef439d98",
    // horn-codes
    "242b50a8df36ba9a872f97364beed7c25440c220c3f5891015481d340605fff9",
    // horn
    "be7679403d201585c26f3451e667198806f2ff52b6f196d97bf3d719f6a5a9d3",
    // notes
    "8f1ca301174006bd8a0e0d398c7cd2689576896bd3e754dd5e9de2666a0628ad",
    // strings
    "f826f82440abf05f9d52fe1d2e1541eed79d50b8af77033129d407aeda335b80",
    // voice-codes
    "6c9050a1ed9211f4ac121ab20bc0acca2363838211b5c744776b35910aa19c03",
    // voice
    "27dc2286ed223791b894f289fb6f4772902c08f16bfb38f2d6b7b917a6eb22ed",
    // voices
    "59612bc1e4f67f46c689287c61df8932c21edd39b6f31f49790b3936b0a0ec70",
];

/// Whether the package of this hash ships with this version.
pub(super) fn is_shipped(hash: &str) -> bool {
    HASHES.contains(&hash)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::kinds::Package;

    #[test]
    fn the_packages_in_the_folder_of_models_are_those_that_ship() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let folders = std::fs::read_dir(models).expect("the models").flatten().map(|entry| entry.path());
        let folders = folders.filter(|folder| folder.join("manifest.json").is_file());
        let mut hashes: Vec<String> =
            folders.map(|folder| Package::open(&folder).expect("sound").hash().to_owned()).collect();
        let mut known = HASHES.map(str::to_owned);
        hashes.sort();
        known.sort();
        assert_eq!(hashes, known, "a package was made again: put its hash into this list");
    }
}
