// SPDX-License-Identifier: GPL-3.0-or-later
// The same work by the Rust crates rexafs and feffit, for `compare`: argument: the folder of inputs. Prints one line of
// JSON: CPU microseconds by name.
use std::{env, fs, hint::black_box, path::Path};

use feffit::feffdat::FeffPath;
use feffit::params::Parameters;
use feffit::xafsft::{xftf, Window};
use feffit::xasproc::{autobk, find_e0, pre_edge, AutobkParams, PreEdgeParams};
use feffit::{feffit, DataSet, FitDataSet, FitSpace, PathSpec, Spec, Transform};
use rexafs::xafs::background::{AUTOBKClampScalePolicy, AUTOBKSolver};
use rexafs::xafs::fitting::{
    feffit_joint, feffpath, FeffFitDataset, FeffFitTransform, FeffFlavor, FitVariable, FitVariables, PathParamSpec,
};
use rexafs::xafs::xafsutils::FTWindow;
use rexafs::{Spectrum, XrayFFTF, AUTOBK};

#[repr(C)]
struct Time {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Time) -> i32;
}

fn cpu() -> f64 {
    let mut now = Time { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(2, &mut now) }; // CLOCK_PROCESS_CPUTIME_ID
    now.seconds as f64 * 1e6 + now.nanoseconds as f64 * 1e-3
}

/// The best of several rounds, microseconds a call.
fn best(repeats: usize, mut run: impl FnMut()) -> f64 {
    run();
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        let start = cpu();
        for _ in 0..repeats {
            run();
        }
        least = least.min((cpu() - start) / repeats as f64);
    }
    least
}

struct Input {
    name: String,
    kmax: f64,
    x: Vec<f64>,
    y: Vec<f64>,
}

fn read(file: &Path) -> Input {
    let text = fs::read_to_string(file).unwrap();
    let mut out = Input {
        name: file.file_name().unwrap().to_string_lossy().replace(".mu.dat", ""),
        kmax: 15.0,
        x: vec![],
        y: vec![],
    };
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# kmax ") {
            out.kmax = rest.trim().parse().unwrap();
            continue;
        }
        let numbers: Vec<f64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
        out.x.push(numbers[0]);
        out.y.push(numbers[1]);
    }
    out
}

fn rexafs_chain(input: &Input, e0: Option<f64>, like_larch: bool) -> usize {
    let mut spectrum = Spectrum::from_arrays(&input.x, &input.y).unwrap();
    let mut background = AUTOBK::new();
    background.rbkg = Some(1.0);
    background.kweight = Some(2);
    if like_larch {
        background.solver = Some(AUTOBKSolver::LegacyLm);
        background.clamp_scale_policy = Some(AUTOBKClampScalePolicy::Fixed);
    }
    spectrum.set_background_method(background).unwrap();
    let mut fourier = XrayFFTF::new();
    fourier.kmin = Some(3.0);
    fourier.kmax = Some(input.kmax);
    fourier.dk = Some(1.0);
    fourier.kweight = Some(2.0);
    fourier.window = Some(FTWindow::Hanning);
    spectrum.set_fft(fourier);
    if let Some(e0) = e0 {
        spectrum.set_e0(e0);
    }
    spectrum.fft().unwrap();
    spectrum.chir_mag().unwrap().len()
}

fn feffit_chain(input: &Input, e0: Option<f64>) -> usize {
    let edge = pre_edge(&input.x, &input.y, &PreEdgeParams { e0, ..Default::default() });
    let settings = AutobkParams {
        kweight: 2,
        ek0: Some(edge.e0),
        edge_step: Some(edge.edge_step),
        ..Default::default()
    };
    let out = autobk(&input.x, &input.y, &settings);
    xftf(&out.k, &out.chi, 3.0, input.kmax, 2, 1.0, None, Window::Hanning, 10.0, 2048, Some(0.05)).chir_mag.len()
}

fn path_file(folder: &str, number: usize) -> String {
    format!("{folder}/feff{number:04}.dat")
}

/// The variables of tests/bench/copper.cpp: number, distance and E0 of the first path, sigma2 of each.
fn feffit_fit(folder: &str, chi: &Input, count: usize) -> (f64, f64, i64) {
    let mut params = Parameters::new();
    for (name, start) in [("amp", 10.8), ("de0", 0.0), ("dr", 0.0)] {
        params.add_var(name, start);
    }
    let (mut paths, mut specs) = (vec![], vec![]);
    for i in 1..=count {
        params.add_var(&format!("ss{i}"), 0.005);
        let path = FeffPath::from_path(path_file(folder, i)).unwrap();
        let mut spec = PathSpec::defaults(path.feffdat.degen);
        spec.s02 = if i == 1 { Spec::Expr("amp/12".into()) } else { Spec::Const(0.9) };
        spec.e0 = Spec::Expr("de0".into());
        spec.sigma2 = Spec::Expr(format!("ss{i}"));
        if i == 1 {
            spec.deltar = Spec::Expr("dr".into());
        }
        paths.push(path);
        specs.push(spec);
    }
    let rmax = if count == 1 { 3.0 } else { 3.6 };
    let (hanning, space) = (Window::Hanning, FitSpace::R);
    let transform = Transform::new(
        3.0, 15.0, vec![2], 1.0, None, hanning, 2048, 0.05, 1.4, rmax, 0.0, None, hanning, 0.0, space,
    );
    let dataset = DataSet::new(chi.x.clone(), chi.y.clone(), paths, transform);
    let start = cpu();
    let out = feffit(&mut params, &mut [FitDataSet { dataset, specs, epsilon_k: None }]).unwrap();
    (cpu() - start, out.rfactor, out.nfev as i64)
}

fn rexafs_fit(folder: &str, chi: &Input, count: usize) -> (f64, f64, i64) {
    let mut variables = FitVariables::new();
    for (name, start) in [("amp", 10.8), ("de0", 0.0), ("dr", 0.0)] {
        variables.insert(name, FitVariable::new(start, true));
    }
    let column = |values: &Vec<f64>| nalgebra::DVector::from_column_slice(values);
    let mut dataset = FeffFitDataset::new().data(&column(&chi.x), &column(&chi.y));
    for i in 1..=count {
        variables.insert(format!("ss{i}"), FitVariable::new(0.005, true));
        let mut path = feffpath(&path_file(folder, i), FeffFlavor::Feff85L).unwrap();
        path.s02 = PathParamSpec::Expression(if i == 1 { "amp/12".into() } else { "0.9".into() });
        path.e0 = PathParamSpec::Expression("de0".into());
        path.sigma2 = PathParamSpec::Expression(format!("ss{i}"));
        if i == 1 {
            path.deltar = PathParamSpec::Expression("dr".into());
        }
        dataset = dataset.add_path(path);
    }
    dataset.transform = FeffFitTransform {
        kmin: 3.0,
        kmax: 15.0,
        dk: 1.0,
        window: FTWindow::Hanning,
        rmin: 1.4,
        rmax: if count == 1 { 3.0 } else { 3.6 },
        ..Default::default()
    };
    let start = cpu();
    let out = feffit_joint(&[dataset], &variables).unwrap();
    (cpu() - start, out.r_factor, 0)
}

fn main() {
    let folder = env::args().nth(1).unwrap();
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut answer: Vec<(String, f64)> = vec![];
    for file in files.iter().filter(|file| file.to_string_lossy().ends_with(".mu.dat")) {
        let input = read(file);
        let e0 = Some(find_e0(&input.x, &input.y));
        let mut add = |what: &str, value: f64| answer.push((format!("{what}/{}", input.name), value));
        add("rexafs chain_e0_searched", best(50, || { black_box(rexafs_chain(&input, None, false)); }));
        add("rexafs chain_e0_pinned", best(100, || { black_box(rexafs_chain(&input, e0, false)); }));
        add("rexafs-lm chain_e0_pinned", best(3, || { black_box(rexafs_chain(&input, e0, true)); }));
        add("feffit chain_e0_searched", best(3, || { black_box(feffit_chain(&input, None)); }));
        add("feffit chain_e0_pinned", best(3, || { black_box(feffit_chain(&input, e0)); }));
    }
    let chi = read(Path::new(&format!("{folder}/chi.dat")));
    for count in [1, 4] {
        if !Path::new(&path_file(&folder, count)).exists() {
            continue;
        }
        for (peer, fit) in [("feffit", feffit_fit as fn(&str, &Input, usize) -> _), ("rexafs", rexafs_fit)] {
            let runs: Vec<(f64, f64, i64)> = (0..6).map(|_| fit(&folder, &chi, count)).collect();
            let least = runs.iter().map(|run| run.0).fold(f64::INFINITY, f64::min);
            answer.push((format!("{peer} fit/{count}"), least));
            answer.push((format!("{peer} r_factor/{count}"), runs[0].1));
        }
    }
    let fields: Vec<String> = answer.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    println!("ANSWER {{{}}}", fields.join(", "));
}
