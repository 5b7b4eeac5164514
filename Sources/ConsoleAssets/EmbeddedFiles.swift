/// What the console shows pages with: templates, a style sheet and a script, inside the program.
package enum EmbeddedFiles {
    /// The file of a name, such as `layout.mustache`; nil if there is none.
    package static func file(_ name: String) -> [UInt8]? { files.first { $0.name == name }?.bytes }

    /// All files.
    package static let files: [(name: String, bytes: [UInt8])] = [
        ("console.js", PackageResources.console_js),
        ("contact.mustache", PackageResources.contact_mustache),
        ("credentials.mustache", PackageResources.credentials_mustache),
        ("end-token.mustache", PackageResources.end_token_mustache),
        ("fault.mustache", PackageResources.fault_mustache),
        ("gone.mustache", PackageResources.gone_mustache),
        ("group.mustache", PackageResources.group_mustache),
        ("groups.mustache", PackageResources.groups_mustache),
        ("icon.svg", PackageResources.icon_svg),
        ("import.mustache", PackageResources.import_mustache),
        ("import-gone.mustache", PackageResources.import_gone_mustache),
        ("imports.mustache", PackageResources.imports_mustache),
        ("layout.mustache", PackageResources.layout_mustache),
        ("link.mustache", PackageResources.link_mustache),
        ("pager.mustache", PackageResources.pager_mustache),
        ("regenerate.mustache", PackageResources.regenerate_mustache),
        ("record.mustache", PackageResources.record_mustache),
        ("rehearse.mustache", PackageResources.rehearse_mustache),
        ("sent-before.mustache", PackageResources.sent_before_mustache),
        ("sign-in.mustache", PackageResources.sign_in_mustache),
        ("signed-in.mustache", PackageResources.signed_in_mustache),
        ("story.mustache", PackageResources.story_mustache),
        ("style.css", PackageResources.style_css),
        ("sync.mustache", PackageResources.sync_mustache),
        ("tenants.mustache", PackageResources.tenants_mustache),
        ("user.mustache", PackageResources.user_mustache),
        ("users.mustache", PackageResources.users_mustache),
        ("why.mustache", PackageResources.why_mustache),
    ]
}
