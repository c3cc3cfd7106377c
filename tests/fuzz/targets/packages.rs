//! Models: manifests, graphs, archives.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use timbreloom::model::kinds::Package;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::{embed, import, kinds};

use super::{Target, mutate_json, now_and_then};
use crate::common::package::{copy, general, granular, sha256, shipped};
use crate::{mutate, wire};

/// A package's manifest; its other files are there, and valid.
pub struct Manifest {
    continuous: PathBuf,
    discrete: PathBuf,
    granular: PathBuf,
}

impl Manifest {
    pub fn new(scratch: &Path) -> Self {
        let [continuous, discrete, grains] = ["continuous", "discrete", "granular"].map(|kind| scratch.join(kind));
        copy(&general(), &continuous);
        copy(&shipped("horn-codes"), &discrete);
        copy(&granular(), &grains);
        Self { continuous, discrete, granular: grains }
    }
}

impl Target for Manifest {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        [&self.continuous, &self.discrete, &self.granular]
            .map(|folder| fs::read(folder.join("manifest.json")).unwrap())
            .into()
    }

    fn attack(&mut self, case: &[u8]) {
        let names = |kind: &[u8; 8]| case.windows(8).any(|part| part == kind);
        let folder = match (names(b"discrete"), names(b"granular")) {
            (true, _) => &self.discrete,
            (false, true) => &self.granular,
            (false, false) => &self.continuous,
        };
        fs::write(folder.join("manifest.json"), case).unwrap();
        let Ok(package) = Package::open(folder) else { return };
        // The files are large, and their reading depends on few of the keys.
        if !now_and_then(case) {
            return;
        }
        let _ = package.read_all();
        match package {
            Package::Latent(package) => {
                let _ = package.read_parity();
            }
            Package::Codes(package) => {
                let _ = (package.read_tables(), package.read_parity(), package.read_encoder());
            }
            Package::Grains(package) => {
                let _ = (package.read_tables(), package.read_parity());
            }
        }
    }
}

/// A package's graph or test vectors, with the hash that its manifest says it has: what a hostile model's maker would send.
pub struct Graph {
    folder: PathBuf,
    manifest: String,
}

/// What a case's first byte chooses.
const GRAPH_FILES: [&str; 3] = ["encoder.onnx", "decoder.onnx", "parity.f32"];

impl Graph {
    pub fn new(scratch: &Path) -> Self {
        let folder = scratch.join("package");
        copy(&general(), &folder);
        let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
        Self { folder, manifest }
    }
}

impl Target for Graph {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let seed = |(n, file): (usize, &&str)| [vec![n as u8], fs::read(general().join(file)).unwrap()].concat();
        GRAPH_FILES.iter().enumerate().map(seed).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        let Some((first, content)) = case.split_first() else { return };
        let name = GRAPH_FILES[usize::from(*first) % GRAPH_FILES.len()];
        let (path, valid) = (self.folder.join(name), fs::read(general().join(name)).unwrap());
        fs::write(&path, content).unwrap();
        let manifest = self.manifest.replace(&sha256(&valid), &sha256(content));
        fs::write(self.folder.join("manifest.json"), manifest).unwrap();
        let _ = kinds::examine(&self.folder, &ProviderChoice::CPU);
        fs::write(path, valid).unwrap();
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        let Some((first, content)) = case.split_first() else { return mutate::bytes(case, random) };
        let is_graph = usize::from(*first) % GRAPH_FILES.len() < 2;
        let structured = (is_graph && random.u32(..8) > 0).then(|| wire::mutate(content, random)).flatten();
        [vec![*first], structured.unwrap_or_else(|| mutate::bytes(content, random))].concat()
    }
}

/// A package in a zip archive, as it comes with a project or is imported.
pub struct Archive {
    pub scratch: PathBuf,
}

impl Archive {
    fn files(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).ok()?;
        let mut files = Vec::new();
        for n in 0..archive.len().min(16) {
            let entry = archive.by_index(n).ok()?;
            let name = entry.name().ok()?.to_string();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut std::io::Read::take(entry, 1 << 20), &mut content).ok()?;
            files.push((name, content));
        }
        Some(files)
    }

    fn zipped(files: &[(String, Vec<u8>)], is_stored: bool) -> Option<Vec<u8>> {
        let method = if is_stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        let options = zip::write::SimpleFileOptions::DEFAULT.compression_method(method);
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(name.as_str(), options).ok()?;
            std::io::Write::write_all(&mut writer, content).ok()?;
        }
        Some(writer.finish().ok()?.into_inner())
    }

    /// The hash that a project would name for what it brings along.
    fn hash(bytes: &[u8]) -> String {
        let files = Self::files(bytes).unwrap_or_default();
        let manifest = files.iter().find(|(name, _)| name.ends_with("manifest.json"));
        sha256(manifest.map_or(b"", |(_, content)| content))
    }

    fn changed(case: &[u8], random: &mut Rng) -> Option<Vec<u8>> {
        let mut files = Self::files(case)?;
        let at = random.usize(..files.len().max(1));
        let (name, content) = files.get_mut(at)?;
        match random.u32(..8) {
            0 => *name = format!("../{name}"),
            1 => *name = format!("folder/{name}"),
            2 => {
                *name = ["/etc/x", "..\\x", "presets/x.json", "presets/", "a\0b", "manifest.json", "-x"]
                    [random.usize(..7)]
                .into()
            }
            3 => *content = vec![0; [1 << 16, 1 << 20, 8 << 20][random.usize(..3)]],
            4 => {
                let copy = (format!("copy-{name}"), content.clone());
                files.extend(std::iter::repeat_n(copy, [1, 300][random.usize(..2)]));
            }
            5 => drop(files.remove(at)),
            6 => *content = mutate::bytes(content, random),
            _ => *content = mutate_json(content, random),
        }
        Self::zipped(&files, random.bool())
    }
}

impl Target for Archive {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        vec![embed::pack(&Package::open(&general()).unwrap()).unwrap()]
    }

    fn attack(&mut self, case: &[u8]) {
        let embedded = self.scratch.join("embedded");
        if let Ok(folder) = embed::unpack_into(&embedded, case, &Self::hash(case)) {
            let _ = fs::remove_dir_all(folder);
        }
        // Where it is installed the doctor examines it too, which takes its time.
        if now_and_then(case) {
            let (file, models) = (self.scratch.join("case.zip"), self.scratch.join("models"));
            fs::write(&file, case).unwrap();
            let _ = import::import_into(&models, &file);
            let _ = fs::remove_dir_all(models);
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        let structured = random.bool().then(|| Self::changed(case, random)).flatten();
        match structured {
            Some(case) if random.u32(..4) > 0 => case,
            Some(case) => mutate::bytes(&case, random),
            None => mutate::bytes(case, random),
        }
    }
}
