// SPDX-License-Identifier: Apache-2.0
// Embedded Swift cannot be the executable itself, so `main` is C.
int board_main(int argc, char **argv);
int main(int argc, char **argv) { return board_main(argc, argv); }
