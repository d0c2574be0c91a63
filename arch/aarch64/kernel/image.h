/* SPDX-License-Identifier: MIT */
/* The kernel's image in memory, page-aligned marks set by kernel.ld. */
#ifndef AARCH64_KERNEL_IMAGE_H
#define AARCH64_KERNEL_IMAGE_H

extern char image_start[];  /* text from here */
extern char image_rodata[]; /* constants */
extern char image_data[];   /* data, then what starts as zero */
extern char image_end[];

#endif
