// SPDX-License-Identifier: Apache-2.0
// From messages to the ids of a prompt: through the chat template, with the content of messages as plain text.
#if TEMPLATES
  import Format
  import Text
#endif
