import ArgumentParser

/// Every setting of a web console, as flags, and the file that has the others.
struct ConsoleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file with the settings. (default: PHAROS_SCIM_CONSOLE_CONFIG in the environment, else \(SettingScope.console.defaultFile), if it is there)",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var listening: ListenOptions

    @Option(Settings.signIn) var signIn: String?
    @Option(Settings.providerCA) var providerCA: String?

    var sources: SettingSources {
        SettingSources(
            .console,
            flags: data.flags + listening.flags + [
                SettingFlag(Settings.signIn, signIn), SettingFlag(Settings.providerCA, providerCA),
            ],
            file: config
        )
    }
}
