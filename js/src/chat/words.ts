/** What encrypting a conversation means, for the dialogs that ask. */
export const ENCRYPTS = {
  encrypt:
    "Its text, its name, its folder and tags, and what it cost are encrypted under the " +
    "vault's password, and open only while the vault is unlocked. Its models and times " +
    "stay readable, and cells keep their output.",
  decrypt: "Anyone who can read your files can then read it without a password.",
};
