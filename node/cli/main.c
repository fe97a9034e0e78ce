/* All of the program but this is a library, which tests can call. */
#include "node/cli/cli.h"

int main(int argc, char **argv)
{
    return eid_cli_main(argc, argv);
}
