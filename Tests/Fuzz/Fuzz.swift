// One program for libFuzzer with all parsers of outside bytes; `scripts/fuzz` builds and runs it:
//
//   Fuzz json -max_total_time=60 corpus      looks for inputs that break a property
//   Fuzz json crash-…                        repeats one
//
// It exists for SwiftPM only where PHAROS_FUZZ is set, since everything that it is made of is built once more, with the
// counters that libFuzzer follows. What a target asserts stands in its file. To add one: an enum beside the others with
// its `check`, a line below, a folder of seeds in `Corpus/`, and where the input has words of its own, a file of them in
// `Dictionaries/`.

@main
enum FuzzProgram {
    /// What is done with an input; a broken property ends the process.
    typealias Check = @Sendable ([UInt8]) -> Void

    private static let checks: [String: Check] = [
        "chunked": ChunkedTarget.check,
        "csv": CSVTarget.check,
        "cursor": CursorTarget.check,
        "entry": EntryTarget.check,
        "filter": FilterTarget.check,
        "forwarded": ForwardedTarget.check,
        "http": HTTPTarget.check,
        "json": JSONTarget.check,
        "keyset": KeySetTarget.check,
        "multipart": MultipartTarget.check,
        "patch": PatchTarget.check,
        "path": PathTarget.check,
        "proxy": ProxyTarget.check,
        "response": ResponseTarget.check,
        "token": TokenTarget.check,
    ]

    /// The one that the first argument names.
    private static let chosen: Check = {
        guard let name = CommandLine.arguments.dropFirst().first, let check = checks[name] else {
            fatalError("The first argument is one of: \(checks.keys.sorted().joined(separator: ", ")).")
        }
        return check
    }()

    static func main() {
        _ = chosen
        // libFuzzer sees the program's name and what stands behind the target's.
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv + 1
        arguments[0] = CommandLine.unsafeArgv[0]
        var count = CommandLine.argc - 1
        _ = runDriver(&count, &arguments, FuzzProgram.checkOne)
    }

    private static let checkOne: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt = { data, count in
        chosen(Array(UnsafeBufferPointer(start: data, count: count)))
        return 0
    }
}

/// libFuzzer's loop, which ends the process if something is found.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ check: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
