import Reactor

/// What there is to say about the file of the settings, from the registry: as the manual's page and as the reference.
struct SettingsPage {
    private static let introduction = [
        """
        A setting comes from its flag, else from its variable in the environment, else from the file, else it has its default. \
        `serve` reads `/etc/pharos-scim/pharos-scim.conf`, if it is there; `--config FILE` or the variable `PHAROS_SCIM_CONFIG` name \
        another file, which has to be there. A variable that is empty counts as not set.
        """,
        """
        A line of the file is a name, `=` and a value. Lines that begin with `#` are comments. A setting stands there once; where it \
        takes several values, commas stand between them. A name that is no setting, a value that is out of its bound, and settings \
        that do not go together are refused with a sentence that names file and line, and the server does not start.
        """,
        """
        The flag is the name behind two hyphens. The variable is the name in capitals behind `PHAROS_SCIM_`, with underscores for \
        hyphens: `PHAROS_SCIM_REQUESTS_PER_SECOND`. A variable that begins so and is no setting leaves a line in the log.
        """,
        """
        No setting holds a secret: keys are in files of their own, which a setting names.
        """,
    ]
    private static let reloading = """
        `systemctl reload pharos-scim`, `pharos-scim reload` or SIGHUP to the server read the file again. What "reload" stands behind takes \
        its new value at once, for new connections and requests; of other settings that have changed, the answer and the log \
        say that they need a restart. If anything in the file cannot be used, all stays as it was and the reload fails. The flags \
        and the environment stay those of the start.
        """
    private static let consoleIntroduction = """
        The web console has a file of its own, `/etc/pharos-scim-console/pharos-scim-console.conf`, its variables begin with \
        `PHAROS_SCIM_CONSOLE_`, and `PHAROS_SCIM_CONSOLE_CONFIG` or `--config` name another file. It takes the settings `data`, \
        `admin-socket`, `listen`, `public-url`, `tls-cert`, `tls-key`, `http`, `insecure-http`, `trusted-proxy`, `client-from` and \
        `log-level` like the server, but listens on 127.0.0.1:8444 and looks for the certificate in `/etc/pharos-scim-console/tls` \
        if it is not told otherwise. A reload reads the certificate and the file of `sign-in` again; the rest needs a restart.
        """
    private static let example = [
        "# How clients reach the server: Tenant URLs begin with it.",
        "public-url = https://scim.example.com",
        "# What one tenant may take from the others.",
        "requests-per-second = 200",
    ]

    /// The settings that the console alone has.
    private static var consoleSettings: [any SettingDescription] {
        let shared = Set(Settings.all(.server).map(\.name))
        return Settings.all(.console).filter { !shared.contains($0.name) }
    }

    // MARK: - The manual

    static func manual(date: String) -> String {
        var page = ManualPage(
            "pharos-scim.conf",
            section: 5,
            summary: "settings of the SCIM server pharos-scim",
            date: date
        )
        page.section("Description")
        for paragraph in introduction { page.paragraph(paragraph) }
        page.section("Settings")
        for section in Settings.server {
            page.subsection(section.title)
            for setting in section.settings { page.term(setting.name, explanation(setting)) }
        }
        page.section("Reloading")
        page.paragraph(reloading)
        page.section("The web console")
        page.paragraph(consoleIntroduction)
        for setting in consoleSettings { page.term(setting.name, explanation(setting)) }
        page.section("Examples")
        page.example(example)
        page.paragraph("Whether the server can use them, and where each value comes from:")
        page.example(["pharos-scim config check"])
        page.section("Files")
        page.term(SettingScope.server.defaultFile, "The settings of the server.")
        page.term(SettingScope.console.defaultFile, "The settings of the web console.")
        page.section("See also")
        page.paragraph("`pharos-scim`(1), `pharos-scim-audit`(7)")
        return page.text
    }

    private static func explanation(_ setting: any SettingDescription) -> String {
        let reload = setting.isReloaded ? "reload" : "restart"
        return
            "\(setting.meaning) It is \(setting.bound). Default: \(setting.initial.words(.server)). (\(reload))"
    }

    // MARK: - The reference

    static var markdown: String {
        var parts = ["# Configuration"]
        parts.append(
            "`pharos-scim docs configuration` writes this page from the registry of settings, and `man pharos-scim.conf` says the same."
        )
        parts += introduction
        parts.append("```ini\n\(example.joined(separator: "\n"))\n```")
        parts.append("Whether the server can use its settings, and where each value comes from:")
        parts.append("```\npharos-scim config check\n```")
        parts.append("## Settings")
        parts.append("\(reloading)")
        for section in Settings.server { parts += ["### \(section.title)", table(section.settings)] }
        parts += ["## The web console", consoleIntroduction, table(consoleSettings)]
        return parts.joined(separator: "\n\n")
    }

    private static func table(_ settings: [any SettingDescription]) -> String {
        let rows = settings.map { setting in
            let cells = [
                "`\(setting.name)`", setting.meaning, setting.bound, setting.initial.words(.server),
                setting.isReloaded ? "reload" : "restart",
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
        return
            ([
                "| Setting | Meaning | Bound | Default | Takes a new value by |",
                "| --- | --- | --- | --- | --- |",
            ] + rows)
            .joined(separator: "\n")
    }
}
