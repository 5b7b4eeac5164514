import ArgumentParser

/// Where the data are; shared by all commands.
struct DataOptions: ParsableArguments {
    @Option(Settings.data) var data: String?
    @Option(Settings.adminSocket) var adminSocket: String?

    var flags: [SettingFlag?] {
        [SettingFlag(Settings.data, data), SettingFlag(Settings.adminSocket, adminSocket)]
    }

    /// The folder of the server that runs with the settings of this machine.
    var folder: DataFolder {
        DataFolder(
            path: SettingSources.find(Settings.data, flag: data) ?? DataFolder.defaultPath,
            adminSocketPath: SettingSources.find(Settings.adminSocket, flag: adminSocket)
        )
    }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the result as one line of JSON.")
    var json = false
}

/// A length of time as an argument: `90` or `90s`, `15m`, `24h`, `7d`.
struct Overlap: ExpressibleByArgument, Codable {
    let seconds: Int

    static let none = Overlap()

    private init() { seconds = 0 }

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        var digits = argument[...]
        var unit = 1
        if let last = argument.last, let found = units[last] {
            unit = found
            digits = digits.dropLast()
        }
        guard digits.allSatisfy(\.isASCII), let number = Int(digits), number >= 0 else { return nil }
        let (seconds, isTooLong) = number.multipliedReportingOverflow(by: unit)
        guard !isTooLong else { return nil }
        self.seconds = seconds
    }

    var defaultValueDescription: String { "\(seconds)" }
}
