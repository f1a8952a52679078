// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/kept_cores.h"

#include <errno.h>

bool kept_cores_find(struct kept_cores *ret_cores, uint32_t count, struct error *err)
{
    *ret_cores = (struct kept_cores){.some = false};
    if (count == 0)
        return true;
    // Setting what it is anyway tells whether the host allows it.
    cpu_set_t *all = &ret_cores->all;
    if (sched_getaffinity(0, sizeof *all, all) != 0 || sched_setaffinity(0, sizeof *all, all) != 0)
        return error_system(err, errno, "the host does not let workers be kept off cores");
    uint32_t seen = 0;
    for (int core = 0; core < CPU_SETSIZE; core++)
        if (CPU_ISSET(core, all))
            CPU_SET(core, seen++ < count ? &ret_cores->kept : &ret_cores->rest);
    ret_cores->some = seen > count;
    return true;
}

bool kept_cores_keep_off(const struct kept_cores *cores, pid_t worker, bool off)
{
    return !cores->some ||
           sched_setaffinity(worker, sizeof cores->all, off ? &cores->rest : &cores->all) == 0;
}

void kept_cores_stay(struct kept_cores *cores, bool stay)
{
    if (!cores->some || stay == cores->stays)
        return;
    // It fails where the host has taken these cores away meanwhile: then workers begin wherever there are
    // some.
    if (sched_setaffinity(0, sizeof cores->all, stay ? &cores->kept : &cores->all) == 0)
        cores->stays = stay;
}
