import CLinux

/// What the running program was built from, as far as `scripts/build` has told the compiler.
package enum BuildOrigin {
    /// The commit of its sources, with `+changes` behind it if they had been changed since; nil if nobody has told.
    package static var commit: String? { unsafe text(clinux_build_commit()) }

    /// The day of that commit, as RFC 3339 has it.
    package static var date: String? { unsafe text(clinux_build_date()) }

    /// The version of the Swift compiler.
    package static var swift: String? { unsafe text(clinux_build_swift()) }

    /// The texts are constants of the program, which stay as long as it runs.
    private static func text(_ constant: UnsafePointer<CChar>?) -> String? {
        guard let constant = unsafe constant else { return nil }
        let text = unsafe String(cString: constant)
        return text.isEmpty ? nil : text
    }
}
